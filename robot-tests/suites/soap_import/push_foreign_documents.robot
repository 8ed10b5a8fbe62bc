*** Settings ***
Documentation       A wholesaler's system pushes its own format; the tenant's reader brings it into the common form.
Resource            ../../resources/soap.resource
Resource            ../../resources/rest.resource
Suite Setup         Prepare Reader    transformer=bmecat
Suite Teardown      Clean Up Suite


*** Test Cases ***
A BMEcat Catalog Arrives
    [Tags]    smoke
    The Sender Pushes Document    bmecat_small.xml
    The Import Should Have Succeeded
    The Import Should Count    read=3    accepted=3    rejected=0
    The Item Should Be Titled    NYM-3X15    Mantelleitung NYM-J 3x1,5

What Arrived Over SOAP Is Read Over REST
    [Tags]    smoke
    The Sender Pushes Document    bmecat_small.xml
    The Reader Asks For    /items/NYM-3X15
    The Answer Should Have Status    200
    The Answer Should Say    texts.0.title    Mantelleitung NYM-J 3x1,5
    The Answer Should Say    prices.0.amount    89.90
    The Answer Should Say    prices.0.currency    EUR

An Item Number Keeps Its Leading Zero
    [Tags]    regression
    The Sender Pushes Document    bmecat_small.xml    version=1.2
    The Item Should Be Titled    0815    Schalterdose & Deckel
