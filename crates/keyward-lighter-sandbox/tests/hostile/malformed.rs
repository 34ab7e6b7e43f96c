//! What no client should send.

use crate::raw::{get, post};

/// More than any limit on bodies.
const MEGABYTE: usize = 1 << 20;

/// Requests that make no sense, by what is wrong with them. Each ends in a refusal or in the end of the connection.
pub(crate) fn requests() -> Vec<(&'static str, Vec<u8>)> {
    let header = |line: &str| format!("GET / HTTP/1.1\r\nhost: sandbox\r\n{line}\r\n\r\n").into_bytes();
    let form = "content-type: application/x-www-form-urlencoded";
    let body = |headers: &str, body: &[u8]| {
        let head = format!("POST /api/v1/sendTx HTTP/1.1\r\nhost: sandbox\r\n{headers}\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    let multipart = |text: &str| body(&multipart_headers(text.len()), text.as_bytes());
    vec![
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec()),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00".to_vec()),
        ("no version", b"GET /\r\n\r\n".to_vec()),
        ("no target", b"GET\r\n\r\n".to_vec()),
        ("no text", vec![0; 64]),
        ("bytes of all kinds", (0..=255).collect()),
        ("unknown version", b"GET / HTTP/3.7\r\n\r\n".to_vec()),
        ("header without a colon", header("nonsense")),
        ("header with a NUL", header("x-name: a\0b")),
        ("header of 100 KB", header(&format!("x-long: {}", "a".repeat(100_000)))),
        ("10,000 headers", header(&vec!["x-many: a"; 10_000].join("\r\n"))),
        ("target of 100 KB", get(&format!("/{}", "a".repeat(100_000)))),
        ("unknown method", b"FROB /api/v1/nextNonce HTTP/1.1\r\nhost: sandbox\r\n\r\n".to_vec()),
        ("wrong method", post("/api/v1/nextNonce?account_index=5&api_key_index=4", "")),
        ("query of no text", get("/api/v1/nextNonce?account_index=%ff%fe&api_key_index=%00")),
        ("query of broken escapes", get("/api/v1/nextNonce?account_index=%&api_key_index=%zz")),
        ("number beyond all", get(&format!("/api/v1/nextNonce?account_index={}&api_key_index=4", "9".repeat(5_000)))),
        ("10,000 parameters", get(&format!("/api/v1/nextNonce?{}", "a=1&".repeat(10_000)))),
        (
            "token of no text",
            b"GET /api/v1/accountLimits?account_index=5 HTTP/1.1\r\nhost: s\r\nauthorization: \xff\xfe\r\n\r\n"
                .to_vec(),
        ),
        ("two lengths", body(&format!("{form}\r\ncontent-length: 3\r\ncontent-length: 30"), b"a=1")),
        ("length of no number", body(&format!("{form}\r\ncontent-length: three"), b"a=1")),
        ("negative length", body(&format!("{form}\r\ncontent-length: -1"), b"a=1")),
        (
            "length and chunks",
            body(&format!("{form}\r\ncontent-length: 3\r\ntransfer-encoding: chunked"), b"0\r\n\r\n"),
        ),
        ("chunk of no size", body(&format!("{form}\r\ntransfer-encoding: chunked"), b"zz\r\na=1\r\n0\r\n\r\n")),
        ("chunk beyond all", body(&format!("{form}\r\ntransfer-encoding: chunked"), b"ffffffffffffffffff\r\na=1\r\n")),
        ("unknown transfer encoding", body(&format!("{form}\r\ntransfer-encoding: frob"), b"a=1")),
        ("body of 1 MB", post("/api/v1/sendTx", &format!("tx_type=8&tx_info={}", "a".repeat(MEGABYTE)))),
        ("body of 1 MB in chunks", body(&format!("{form}\r\ntransfer-encoding: chunked"), &chunks(MEGABYTE))),
        (
            "body of 1 MB that is waited for",
            body(&format!("{form}\r\nexpect: 100-continue\r\ncontent-length: {MEGABYTE}"), &vec![b'a'; MEGABYTE]),
        ),
        ("body of JSON", body("content-type: application/json\r\ncontent-length: 2", b"{}")),
        ("body of no type", body("content-length: 3", b"a=1")),
        ("form of no text", post("/api/v1/sendTx", "tx_type=%ff&tx_info=%fe")),
        ("name given twice", post("/api/v1/sendTx", "tx_type=8&tx_type=14&tx_info={}")),
        ("type beyond all", post("/api/v1/sendTx", "tx_type=99999999999999999999&tx_info={}")),
        ("nested without end", post("/api/v1/sendTx", &format!("tx_type=8&tx_info={}", "[".repeat(20_000)))),
        ("objects without end", post("/api/v1/sendTx", &format!("tx_type=8&tx_info={}", "{\"a\":".repeat(5_000)))),
        ("10,000 types", post("/api/v1/sendTxBatch", &format!("tx_types=[{}8]&tx_infos=[]", "8,".repeat(10_000)))),
        ("multipart without a boundary", body("content-type: multipart/form-data\r\ncontent-length: 3", b"a=1")),
        ("multipart without an end", multipart("--b\r\ncontent-disposition: form-data; name=\"tx_type\"\r\n\r\n8")),
        ("multipart without names", multipart("--b\r\n\r\n8\r\n--b--\r\n")),
        (
            "multipart of 1,000 parts",
            multipart(&format!(
                "{}--b--\r\n",
                "--b\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n8\r\n".repeat(1_000)
            )),
        ),
        (
            "multipart of 1 MB",
            multipart(&format!(
                "--b\r\ncontent-disposition: form-data; name=\"tx_info\"\r\n\r\n{}\r\n--b--\r\n",
                "a".repeat(MEGABYTE)
            )),
        ),
        (
            "WebSocket without a key",
            b"GET /stream HTTP/1.1\r\nhost: s\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n".to_vec(),
        ),
        ("stream without an upgrade", get("/stream")),
    ]
}

fn multipart_headers(length: usize) -> String {
    format!("content-type: multipart/form-data; boundary=b\r\ncontent-length: {length}")
}

/// `length` bytes in chunks of 1 KB.
fn chunks(length: usize) -> Vec<u8> {
    let chunk = format!("400\r\n{}\r\n", "a".repeat(1024));
    format!("{}0\r\n\r\n", chunk.repeat(length / 1024)).into_bytes()
}
