*** Settings ***
Documentation       Two tenants on one installation never meet; credentials can be renewed without a restart.
Resource            ../../resources/rest.resource
Resource            ../../resources/soap.resource
Suite Setup         Prepare Two Tenants
Suite Teardown      Clean Up Suite


*** Test Cases ***
A Tenant Sees Only Its Own Items
    [Tags]    smoke
    ${item}=    An Item    SECRET-1
    The Sender Uploads Items    ${item}
    The Reader Asks For    /items/SECRET-1
    The Answer Should Have Status    200
    The Reader Asks For    /items/SECRET-1    session=stranger
    The Answer Should Be Problem    404    not_found
    The Platform Is Asked For    /v1/catalogs    session=stranger
    Should Not Contain    ${ANSWER.text}    ${CATALOG}

The Same Catalog Name Is Another Catalog
    [Tags]    regression
    ${ours}=    An Item    SAME-1    Ours
    ${theirs}=    An Item    SAME-1    Theirs
    The Sender Uploads Items    ${ours}
    The Sender Uploads Items    ${theirs}    session=stranger
    The Reader Asks For    /items/SAME-1
    The Answer Should Say    texts.0.title    Ours
    The Reader Asks For    /items/SAME-1    session=stranger
    The Answer Should Say    texts.0.title    Theirs

A Tenant Knows Itself
    [Tags]    regression
    The Platform Is Asked For    /v1/tenants/self
    The Answer Should Have Status    200
    The Answer Should Say    tenant    ${TENANT.name}

Without Credentials Nothing Is Answered
    [Tags]    smoke
    ${address}=    Installation Address
    Create Session    nobody    ${address}    disable_warnings=1
    The Platform Is Asked For    /v1/catalogs    session=nobody
    The Answer Should Be Problem    401    unauthenticated
    The Answer Should Have Header    WWW-Authenticate    Basic
    ${item}=    An Item    A
    Pushing Items Should Be Refused With    unauthenticated    ${item}    credentials=none

A New Tenant Is Served Without A Restart
    [Tags]    regression
    ${late}=    Create Tenant
    Open Session For    ${late}    late
    The Platform Is Asked For    /v1/tenants/self    session=late
    The Answer Should Have Status    200
    ${names}=    List Tenants
    Should Contain    ${names}    ${late.name}

A Rotated Key Replaces The Old One
    [Tags]    regression
    ${tenant}=    Create Tenant
    Open Session For    ${tenant}    before
    The Platform Is Asked For    /v1/tenants/self    session=before
    The Answer Should Have Status    200
    ${renewed}=    Rotate Key    ${tenant}
    Open Session For    ${renewed}    after
    The Platform Is Asked For    /v1/tenants/self    session=after
    The Answer Should Have Status    200
    Wait Until Keyword Succeeds    10s    200ms    The Old Key Should Be Refused

Items Survive A Restart
    [Tags]    regression
    ${item}=    An Item    LASTING-1    Lasting
    The Sender Uploads Items    ${item}
    Restart Installation
    The Reader Asks For    /items/LASTING-1
    The Answer Should Say    texts.0.title    Lasting


*** Keywords ***
Prepare Two Tenants
    Prepare Reader
    ${stranger}=    Create Tenant
    Open Session For    ${stranger}    stranger

The Old Key Should Be Refused
    The Platform Is Asked For    /v1/tenants/self    session=before
    The Answer Should Be Problem    401    unauthenticated
