//! The baseline: an axum handler that only parses the request and answers with a fixed JSON.

use std::net::SocketAddr;

use axum::{Json, Router, body::Bytes, http::header};
use serde_json::Value;

/// Serves until killed.
pub async fn serve(address: SocketAddr, answer: Vec<u8>) {
    let answer = Bytes::from(answer);
    let handler = move |Json(_): Json<Value>| async move {
        ([(header::CONTENT_TYPE, "application/json")], answer.clone())
    };
    let router = Router::new().fallback(handler);
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    axum::serve(listener, router).await.unwrap();
}
