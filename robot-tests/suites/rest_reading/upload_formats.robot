*** Settings ***
Documentation       A sender without SOAP uploads its catalog in one of the canonical forms.
Resource            ../../resources/rest.resource
Suite Setup         Prepare Reader
Suite Teardown      Clean Up Suite
Test Template       Uploading Should Add Two Items


*** Test Cases ***                  CONTENT TYPE             FILE
JSON Array                          application/json         two_items.json
    [Tags]    smoke
One JSON Object A Line              application/x-ndjson     two_items.ndjson
    [Tags]    regression
XML                                 application/xml          two_items.xml
    [Tags]    regression
CSV                                 text/csv                 two_items.csv
    [Tags]    regression


*** Keywords ***
Uploading Should Add Two Items
    [Arguments]    ${content_type}    ${file}
    Remove All Items    ${TENANT}    ${CATALOG}
    ${document}=    Document From Data    ${file}
    The Sender Uploads    ${document}    content_type=${content_type}    mode=replace
    The Answer Should Have Status    200
    The Answer Should Say    status    succeeded
    The Answer Should Say    counts.added    2
    The Reader Asks For    /items/TWO-2
    The Answer Should Say    texts.0.title    Zwei & mehr
    The Answer Should Say    prices.0.amount    2.50
