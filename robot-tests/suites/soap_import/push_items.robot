*** Settings ***
Documentation       A customer's system pushes typed items and gets a clear answer about each.
Resource            ../../resources/soap.resource
Suite Setup         Prepare Suite
Suite Teardown      Clean Up Suite
Test Setup          Remove All Items    ${TENANT}    ${CATALOG}


*** Test Cases ***
A New Catalog Arrives
    [Tags]    smoke
    ${cable}=    An Item    CABLE-1    Cable
    ${box}=    An Item    BOX-1    Box
    The Sender Pushes Items    ${cable}    ${box}
    The Import Should Have Succeeded
    The Import Should Count    read=2    accepted=2    added=2    rejected=0
    The Item Should Be Titled    CABLE-1    Cable

Both SOAP Versions And Both Credentials Work
    [Tags]    regression
    [Template]    Pushing Works With
    1.1    basic
    1.1    username token
    1.2    basic
    1.2    username token

Sending The Same Again Changes Nothing
    [Tags]    regression
    ${cable}=    An Item    CABLE-1    Cable
    The Sender Pushes Items    ${cable}
    The Sender Pushes Items    ${cable}
    The Import Should Count    read=1    added=0    changed=0    unchanged=1

Replace Removes What Is Absent
    [Tags]    regression
    ${a}=    An Item    A
    ${b}=    An Item    B
    The Sender Pushes Items    ${a}    ${b}
    The Sender Pushes Items    ${b}    mode=replace
    The Import Should Count    read=1    unchanged=1    removed=1
    The Catalog Should Hold    B

Delete Removes What Is Named
    [Tags]    regression
    ${a}=    An Item    A
    ${b}=    An Item    B
    The Sender Pushes Items    ${a}    ${b}
    The Sender Pushes Items    ${a}    mode=delete
    The Import Should Count    removed=1
    The Catalog Should Hold    B

A Bad Item Does Not Stop The Good Ones
    [Tags]    regression
    ${euro}=    A Price    1.00    currency=euro
    ${prices}=    Create List    ${euro}
    ${good}=    An Item    GOOD-1
    ${bad}=    An Item    BAD-1    prices=${prices}
    The Sender Pushes Items    ${good}    ${bad}
    The Import Should Have Succeeded
    The Import Should Count    read=2    accepted=1    rejected=1
    The Import Should Report    field_pattern    BAD-1    path=/prices/0/currency
    The Catalog Should Hold    GOOD-1

A Repeat With The Same Key Is Answered By The First Import
    [Tags]    regression
    ${a}=    An Item    A
    ${b}=    An Item    B
    The Sender Pushes Items    ${a}    key=delivery-7
    ${first}=    Set Variable    ${IMPORT.importId}
    The Sender Pushes Items    ${a}    key=delivery-7
    Should Be Equal    ${IMPORT.importId}    ${first}
    Pushing Items Should Be Refused With    idempotency_mismatch    ${b}    key=delivery-7

An Import Can Be Looked Up Later
    [Tags]    regression
    ${a}=    An Item    A
    The Sender Pushes Items    ${a}
    ${later}=    Ask Import Status    ${TENANT}    ${IMPORT.importId}
    Should Be Equal    ${later.status}    succeeded
    Should Be Equal As Integers    ${later.counts.added}    1


*** Keywords ***
Pushing Works With
    [Arguments]    ${version}    ${credentials}
    ${item}=    An Item    A    Sent by ${version}, ${credentials}
    The Sender Pushes Items    ${item}    version=${version}    credentials=${credentials}
    The Import Should Have Succeeded
    The Item Should Be Titled    A    Sent by ${version}, ${credentials}
