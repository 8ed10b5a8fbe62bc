*** Settings ***
Documentation       Customers differ by their hooks and by nothing else; the platform says which hook is in force.
Resource            ../../resources/rest.resource
Resource            ../../resources/soap.resource
Suite Setup         Prepare Reader    customer=voltwerk
Suite Teardown      Clean Up Suite


*** Test Cases ***
The Customer's Transformer Is In Force
    [Tags]    smoke
    The Platform Is Asked For    /v1/extensions
    The Answer Should Have Status    200
    Effective Transformer Should Be    customer    voltwerk

A Plain Tenant Keeps The Default
    [Tags]    smoke
    ${plain}=    Create Tenant
    Open Session For    ${plain}    plain
    The Platform Is Asked For    /v1/extensions    session=plain
    The Answer Should Have Status    200
    Should Not Contain    ${ANSWER.text}    voltwerk

The Command Line Says The Same
    [Tags]    regression
    The Platform Is Asked For    /v1/extensions
    ${printed}=    Effective Extensions    ${TENANT}
    ${served}=    Plan Without Calls    ${ANSWER.json()}
    Should Be Equal    ${printed['points']}    ${served}

The Customer's Own Format Is Read
    [Tags]    smoke
    The Sender Pushes Document    bmecat_small.xml
    The Import Should Have Succeeded
    The Import Should Count    read=3    accepted=3

The Customer's Own Word On An Item Stands Apart
    [Documentation]    The list price is for a hundred metres; the customer adds what one costs, and nothing else changes.
    [Tags]    regression
    The Sender Pushes Document    bmecat_small.xml
    The Import Should Have Succeeded
    The Platform Is Asked For    /v1/catalogs/${CATALOG}/items/NYM-3X15
    The Answer Should Have Status    200
    ${item}=    Set Variable    ${ANSWER.json()}
    Should Be Equal    ${item['extensions']['unit_price']['amount']}    0.899
    Should Be Equal    ${item['prices'][0]['amount']}    89.90
    Set To Dictionary    ${item}    brand=Changed By A Reader
    The Editor Puts    NYM-3X15    ${item}
    The Answer Should Have Status    200

The Interface Is The Same For All Customers
    [Tags]    regression
    ${plain}=    Create Tenant
    Open Session For    ${plain}    plain
    The Platform Is Asked For    /openapi.json
    ${ours}=    Set Variable    ${ANSWER.json()}
    The Platform Is Asked For    /openapi.json    session=plain
    Should Be Equal    ${ANSWER.json()}    ${ours}


*** Keywords ***
Effective Transformer Should Be
    [Documentation]    Finds the point catalog.transformer in the answer and checks layer and owner of what is in force.
    [Arguments]    ${layer}    ${owner}
    ${point}=    Evaluate    next(p for p in $ANSWER.json()['points'] if p['point'] == 'catalog.transformer')
    Should Be Equal    ${point['hooks'][0]['layer']}    ${layer}
    Should Start With    ${point['hooks'][0]['id']}    ${owner}.
