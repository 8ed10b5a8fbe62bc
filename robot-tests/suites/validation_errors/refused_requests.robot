*** Settings ***
Documentation       Whoever sends something wrong is told what, where and how to put it right.
Resource            ../../resources/rest.resource
Resource            ../../resources/soap.resource
Suite Setup         Prepare Reader
Suite Teardown      Clean Up Suite


*** Test Cases ***
Every Broken Rule Is Named At Once
    [Tags]    smoke
    ${price}=    A Price    1.00    currency=euro
    ${prices}=    Create List    ${price}
    ${item}=    An Item    A    title=${EMPTY}    prices=${prices}
    The Editor Puts    A    ${item}
    The Answer Should Be Problem    400    request_invalid
    The Problem Should Point At    /texts/0/title    field_length
    The Problem Should Point At    /prices/0/currency    field_pattern

A Limit Is Enforced Exactly
    [Tags]    regression
    ${longest}=    Evaluate    'x' * 1024
    ${item}=    An Item    A    ${longest}
    The Editor Puts    A    ${item}
    The Answer Should Have Status    201
    ${item}=    An Item    A    ${longest}x
    The Editor Puts    A    ${item}
    The Answer Should Be Problem    400    request_invalid
    The Problem Should Point At    /texts/0/title    field_length

Unknown Places And Methods
    [Tags]    smoke
    The Platform Is Asked For    /v1/no-such-thing
    The Answer Should Be Problem    404    not_found
    ${answer}=    DELETE On Session    reader    /v1/catalogs    expected_status=any
    Set Test Variable    ${ANSWER}    ${answer}
    The Answer Should Be Problem    405    method_not_allowed
    The Answer Should Have Header    Allow    GET

A Misspelt Parameter Is Not Ignored
    [Tags]    regression
    The Reader Asks For Page    limitt=10
    The Answer Should Be Problem    400    request_invalid

A Broken Document Becomes A Failed Import
    [Tags]    regression
    The Sender Uploads    [{"sku": "A"    mode=replace
    The Answer Should Have Status    200
    The Answer Should Say    status    failed
    The Answer Should Say    error.code    document_malformed

A Document Nobody Can Read
    [Tags]    regression
    The Sender Uploads    %PDF-1.7    content_type=application/pdf
    The Answer Should Be Problem    415    media_type_unsupported

A Form Is Not A Document
    [Tags]    regression
    The Sender Uploads    a=b    content_type=application/x-www-form-urlencoded
    The Answer Should Be Problem    415    media_type_unsupported

Broken SOAP Messages Get A Fault With A Code
    [Tags]    regression
    [Template]    The Message Should Be Refused With
    bad_doctype.xml              doctype_refused
    bad_two_bodies.xml           soap_envelope_invalid
    bad_unknown_operation.xml    soap_operation_unknown
    bad_mode.xml                 request_invalid
    bad_mode.xml                 request_invalid           version=1.2
