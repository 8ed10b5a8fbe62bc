//! What queries and paths come to.

use crate::support::TestApp;

#[tokio::test]
async fn queries_are_decoded_strictly() {
    let app = TestApp::new();
    for (query, expected) in [
        ("", "acme  10 false"),
        ("?", "acme  10 false"),
        ("?text=a+b&limit=3&flag=true", "acme a b 3 true"),
        ("?text=%C3%A4%2B", "acme ä+ 10 false"),
        ("?%74ext=a&&limit=7", "acme a 7 false"),
    ] {
        let answer = app.get(&format!("/probe{query}")).await;
        assert_eq!(String::from_utf8(answer.body).unwrap(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_path_segment_may_hold_any_character() {
    let app = TestApp::new();
    for (segment, name) in
        [("a%2Fb", "a/b"), ("%C3%A4", "ä"), ("..%2f..", "../.."), ("%00", "\0"), ("a%20b+c", "a b+c")]
    {
        let answer = app.get(&format!("/probe/{segment}")).await;
        assert_eq!(String::from_utf8(answer.body).unwrap(), name.repeat(200), "{segment}");
    }
}
