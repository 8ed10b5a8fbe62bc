//! Pages for people and answers for machines about the server itself.

use crate::support::TestApp;

#[tokio::test]
async fn the_docs_work_without_the_internet() {
    let app = TestApp::new();
    assert_eq!(app.get("/docs").await.header("location"), Some("/docs/"));
    let mut seen = 0;
    for file in ["", "index.html", "swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "index.css"] {
        let answer = app.get(&format!("/docs/{file}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{file}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("connect-src 'self'"), "{policy}");
        seen += answer.body.len();
    }
    assert!(seen > 100_000, "the assets are there: {seen} bytes");
    let start = String::from_utf8(app.get("/docs/swagger-initializer.js").await.body).unwrap();
    assert!(start.contains("/openapi.json") && !start.contains("petstore"), "{start}");
}

#[tokio::test]
async fn every_code_has_its_page() {
    let app = TestApp::new();
    for code in plugpoint_sdk::codes::ALL {
        let answer = app.get(&format!("/docs/errors/{}", code.name)).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let text = String::from_utf8(answer.body).unwrap();
        assert!(text.contains(code.name) && text.contains(&code.status.to_string()), "{text}");
    }
}

#[tokio::test]
async fn ready_means_that_a_file_can_be_written() {
    let app = TestApp::new();
    assert_eq!(app.get("/readyz").await.body, b"ready");
    let other = TestApp::new();
    let path = other.data.path().join(".ready");
    std::fs::create_dir(&path).unwrap();
    let answer = other.get("/readyz").await;
    assert_eq!(answer.refusal(), (503, "unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(!answer.json()["detail"].as_str().unwrap().contains('/'), "no path of ours is told");
}
