*** Settings ***
Documentation       An operator sees what goes on in the background, wants things done at once, and has them rest.
Resource            ../../resources/operator.resource
Suite Setup         Prepare Operator
Suite Teardown      Clean Up Suite


*** Test Cases ***
The Platform's Own Tasks Are Listed
    [Tags]    smoke
    The Operator Asks For    /v1/tasks
    The Answer Should Have Status    200
    The Answer Should Say    tasks.0.name    documents.retention
    The Answer Should Say    tasks.1.name    sources.pull
    The Answer Should Say    tasks.2.name    tasks.history

A Task Is Done When It Is Wanted
    [Tags]    smoke
    The Operator Posts To    /v1/tasks/tasks.history/runs
    The Answer Should Have Status    202
    The Answer Should Say    outcome    started
    The Run Should End As    succeeded

A Disabled Task Waits, And Who Wants It Too Joins
    [Tags]    regression
    The Operator Disables Task    tasks.history
    The Operator Posts To    /v1/tasks/tasks.history/runs
    The Answer Should Say    outcome    queued
    The Operator Posts To    /v1/tasks/tasks.history/runs
    The Answer Should Have Status    200
    The Answer Should Say    outcome    joined
    The Operator Enables Task    tasks.history
    The Run Should End As    succeeded

A Run Is Called Off And Done Again
    [Tags]    regression
    The Operator Disables Task    tasks.history
    The Operator Posts To    /v1/tasks/tasks.history/runs
    The Operator Cancels The Run
    The Answer Should Say    state    cancelled
    The Operator Restarts The Run
    The Answer Should Say    state    queued
    The Operator Enables Task    tasks.history
    The Run Should End As    succeeded

Daemons Are Shown
    [Tags]    regression
    The Operator Asks For    /v1/daemons
    The Answer Should Say    daemons.0.name    imports
    The Answer Should Say    daemons.0.processes.0.state    running

A Tenant's Credentials Open None Of It
    [Tags]    regression
    The Platform Is Asked For    /v1/tasks
    The Answer Should Be Problem    403    forbidden
