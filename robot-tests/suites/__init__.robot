*** Settings ***
Documentation       Plugpoint as its users meet it. Runs a server of its own, or against PLUGPOINT_URL.
Library             PlugpointLibrary
Suite Setup         Start Installation
Suite Teardown      Stop Installation
