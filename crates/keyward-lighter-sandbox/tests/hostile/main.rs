//! Clients that are slow, huge or malformed do no harm to others.

mod holder;
mod malformed;
mod neighbour;
mod raw;

use std::time::Duration;

use holder::Holder;
use keyward_lighter_sandbox::raise_open_files_limit;
use neighbour::{impatient_sandbox, patient_sandbox, sandbox};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_and_harm_nobody() {
    let (server, neighbour) = sandbox().await;
    for (what, bytes) in malformed::requests() {
        let answer = raw::send(server, &bytes).await;
        if let Some(status) = answer.status {
            assert!((400..500).contains(&status), "{what}: {answer:?}");
            // What is no HTTP at all is refused below the sandbox's routes, without a body.
            assert!(answer.body.is_empty() || answer.code().is_some(), "{what}: {answer:?}");
        }
        neighbour.is_served().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huge_bodies_of_many_clients_at_once_harm_nobody() {
    let (server, neighbour) = sandbox().await;
    let huge: Vec<_> = malformed::requests().into_iter().filter(|(what, _)| what.contains("1 MB")).collect();
    assert_eq!(huge.len(), 4);
    let senders: Vec<_> = huge
        .into_iter()
        .cycle()
        .take(64)
        .map(|(_, bytes)| tokio::spawn(async move { raw::send(server, &bytes).await }))
        .collect();
    neighbour.is_served().await;
    for sender in senders {
        let answer = sender.await.expect("no panic");
        assert!(answer.status.is_none_or(|status| (400..500).contains(&status)), "{answer:?}");
        neighbour.is_served().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_that_comes_byte_by_byte_holds_up_nobody_and_is_ended() {
    let (server, neighbour) = impatient_sandbox().await;
    let mut slow = Vec::new();
    for _ in 0..100 {
        slow.push(TcpStream::connect(server).await.expect("a connection"));
    }
    let head = b"POST /api/v1/sendTx HTTP/1.1\r\nhost: sandbox\r\nx-slow: yes\r\n";
    for byte in head {
        for stream in &mut slow {
            // It may have been hung up on.
            let _ = stream.write_all(&[*byte]).await;
        }
        neighbour.is_served().await;
    }
    for stream in &mut slow {
        let ended = timeout(raw::PATIENCE, raw::read_answer(stream)).await.expect("the server ends it");
        assert!(ended.status.is_none_or(|status| status == 408), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn body_that_never_comes_holds_up_nobody_and_is_ended() {
    let (server, neighbour) = impatient_sandbox().await;
    let mut waiting = Vec::new();
    for length in ["content-length: 100", "transfer-encoding: chunked"] {
        for _ in 0..50 {
            let mut stream = TcpStream::connect(server).await.expect("a connection");
            let head = format!(
                "POST /api/v1/sendTx HTTP/1.1\r\nhost: sandbox\r\n\
                 content-type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.expect("the head is read");
            waiting.push(stream);
        }
    }
    neighbour.is_served().await;
    for stream in &mut waiting {
        let ended = timeout(raw::PATIENCE, raw::read_answer(stream)).await.expect("the server ends it");
        assert!(ended.status.is_none_or(|status| (400..500).contains(&status)), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn client_that_reads_no_answers_holds_up_nobody() {
    let (server, neighbour) = sandbox().await;
    let mut deaf = TcpStream::connect(server).await.expect("a connection");
    let questions =
        raw::get("/api/v1/accountsByL1Address?l1_address=0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266").repeat(1_000);
    // Until neither side can take any more, or the server has had enough.
    while let Ok(Ok(())) = timeout(Duration::from_millis(200), deaf.write_all(&questions)).await {}
    neighbour.is_served().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_of_another_process_hold_up_nobody() {
    // None is given up for its idleness while this looks.
    let (server, neighbour) = patient_sandbox().await;
    // Some machines do not let a process have so many; whatever they let it have is then the most there can be.
    let files = raise_open_files_limit().expect("a limit") as usize;
    let connections = files.saturating_sub(100).min(10_000);
    let starting = tokio::task::spawn_blocking(move || Holder::start(server, connections));
    let holder = starting.await.expect("the holder starts");
    for _ in 0..50 {
        neighbour.is_served().await;
    }
    // The server is this process, so that each connection that it holds is one of this process's files.
    if let Some(open) = open_files()
        && connections < files / 4 * 3
    {
        assert!(open >= connections, "of {connections} connections no more than {open} were held");
    }
    drop(holder);
    neighbour.is_served().await;
}

/// How many files this process has open, where the system tells.
fn open_files() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}
