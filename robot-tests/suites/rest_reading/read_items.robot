*** Settings ***
Documentation       A web shop reads a catalog: item by item, page by page, and only what has changed.
Resource            ../../resources/rest.resource
Suite Setup         Prepare Catalog
Suite Teardown      Clean Up Suite


*** Test Cases ***
One Item
    [Tags]    smoke
    The Reader Asks For    /items/CABLE-1
    The Answer Should Have Status    200
    The Answer Should Say    sku    CABLE-1
    The Answer Should Say    texts.0.title    Copper cable

The Catalog Knows Its Size
    [Tags]    smoke
    The Reader Asks For
    The Answer Should Say    item_count    3

All Catalogs Are Listed
    [Tags]    regression
    The Platform Is Asked For    /v1/catalogs
    The Answer Should Have Status    200
    ${names}=    Evaluate    [catalog['id'] for catalog in $ANSWER.json()['catalogs']]
    Should Contain    ${names}    ${CATALOG}

Pages Follow A Cursor
    [Tags]    regression
    The Reader Asks For Page    limit=2
    The Page Should List    BOX-1    CABLE-1
    ${cursor}=    Set Variable    ${ANSWER.json()['next_cursor']}
    The Reader Asks For Page    limit=2    cursor=${cursor}
    The Page Should List    SWITCH-1

Filters Narrow The List
    [Tags]    regression
    [Template]    Filter Should List
    brand       Kupfer AG             CABLE-1    SWITCH-1
    category    supplier:cable        CABLE-1
    text        switch                SWITCH-1
    brand       nobody

An Unchanged Item Is Not Sent Twice
    [Tags]    regression
    The Reader Asks For    /items/CABLE-1
    ${etag}=    Set Variable    ${ANSWER.headers['ETag']}
    The Reader Asks For    /items/CABLE-1    If-None-Match=${etag}
    The Answer Should Have Status    304
    Should Be Empty    ${ANSWER.content}

Only What Changed Since
    [Tags]    regression
    The Reader Asks For
    ${since}=    Set Variable    ${ANSWER.json()['last_seq']}
    ${cable}=    An Item    CABLE-1    Better cable
    The Sender Uploads Items    ${cable}
    The Reader Asks For Changes Since    ${since}
    The Answer Should Say    changes.0.sku    CABLE-1
    The Answer Should Say    changes.0.kind    changed
    ${count}=    Evaluate    len($ANSWER.json()['changes'])
    Should Be Equal As Integers    ${count}    1
    [Teardown]    Prepare Items

An Editor Changes And Removes One Item
    [Tags]    regression
    ${item}=    An Item    LAMP-1    Lamp
    The Editor Puts    LAMP-1    ${item}
    The Answer Should Have Status    201
    ${item}=    An Item    LAMP-1    Bright lamp
    The Editor Puts    LAMP-1    ${item}
    The Answer Should Have Status    200
    The Reader Asks For    /items/LAMP-1
    The Answer Should Say    texts.0.title    Bright lamp
    The Editor Removes    LAMP-1
    The Answer Should Have Status    204
    The Reader Asks For    /items/LAMP-1
    The Answer Should Be Problem    404    not_found

The Documentation Describes What Is Served
    [Tags]    smoke
    The Platform Is Asked For    /openapi.json
    The Answer Should Have Status    200
    ${paths}=    Evaluate    list($ANSWER.json()['paths'])
    Should Contain    ${paths}    /v1/catalogs/{catalog}/items/{sku}
    The Platform Is Asked For    /docs
    Should Be True    ${ANSWER.status_code} < 400


*** Keywords ***
Prepare Catalog
    Prepare Reader
    Prepare Items

Prepare Items
    ${category}=    Create Dictionary    system=supplier    code=cable
    ${categories}=    Create List    ${category}
    ${cable}=    An Item    CABLE-1    Copper cable    brand=Kupfer AG    categories=${categories}
    ${box}=    An Item    BOX-1    Junction box    brand=Dose GmbH
    ${switch}=    An Item    SWITCH-1    Switch, white    brand=Kupfer AG
    The Sender Uploads Items    ${cable}    ${box}    ${switch}    mode=replace

Filter Should List
    [Arguments]    ${name}    ${value}    @{skus}
    ${filter}=    Create Dictionary    ${name}=${value}
    The Reader Asks For Page    &{filter}
    The Page Should List    @{skus}
