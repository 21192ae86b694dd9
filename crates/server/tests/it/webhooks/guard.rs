//! Where messages are never sent, however it is written or looked up.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use portcullis_server::webhooks::{Resolve, SendError};
use portcullis_store::DeliveryState;
use tokio::net::TcpListener;

use super::*;

/// Counts who connects to it.
async fn trap() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (port, visits) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&visits);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, visits)
}

/// Looks every name up as these addresses, and counts how often.
fn resolve(addresses: &[&str], times: &Arc<AtomicUsize>) -> Resolve {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    let times = Arc::clone(times);
    Arc::new(move |_, port| {
        times.fetch_add(1, Ordering::SeqCst);
        let found = addresses.iter().map(|&ip| SocketAddr::new(ip, port)).collect();
        Box::pin(async move { Ok(found) })
    })
}

#[tokio::test]
async fn nothing_connects_to_an_address_that_is_not_public() {
    let (port, visits) = trap().await;
    let times = Arc::new(AtomicUsize::new(0));
    for address in [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.168.0.1",
        "192.0.2.7",
        "198.19.0.1",
        "224.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "2002:7f00:1::",
    ] {
        // One that is public beside it does not help.
        for addresses in [&[address][..], &["8.8.8.8", address], &[address, "8.8.8.8"]] {
            let client = client(false).resolving_with(resolve(addresses, &times));
            let sent = client.post(&format!("https://hook.example:{port}/"), &[], Vec::new()).await;
            assert_eq!(sent, Err(SendError::Private), "{addresses:?}");
        }
    }
    let nobody = client(false).resolving_with(resolve(&[], &times));
    assert_eq!(nobody.post("https://hook.example/", &[], Vec::new()).await, Err(SendError::NotFound));
    for url in [
        "https://127.0.0.1",
        "https://2130706433",
        "https://[::ffff:7f00:1]",
        "https://localhost",
        "http://localhost",
    ] {
        let sent = client(false).post(&format!("{url}:{port}/"), &[], Vec::new()).await;
        assert!(matches!(sent, Err(SendError::Url(_))), "{url}: {sent:?}");
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn it_connects_to_the_very_address_that_was_looked_up() {
    let receiver = Receiver::start([]);
    let times = Arc::new(AtomicUsize::new(0));
    let client = client(true).resolving_with(resolve(&["127.0.0.1"], &times));
    let url = format!("http://hook.example:{}/", receiver.addr.port());
    assert_eq!(client.post(&url, &[], Vec::new()).await, Ok(200));
    assert_eq!(times.load(Ordering::SeqCst), 1, "looked up once");
    let host = format!("hook.example:{}", receiver.addr.port());
    assert_eq!(receiver.received()[0].header("host"), host);
}

#[tokio::test]
async fn a_refusal_is_in_the_log_and_is_tried_again_like_any_failure() {
    let (site, (port, visits)) = (Site::new().await, trap().await);
    let (webhook, _) = site.webhook(&format!("https://hook.example:{port}/")).await;
    site.post(webhook).await;
    let client = client(false).resolving_with(resolve(&["127.0.0.1"], &Arc::default()));
    Dispatcher::new(site.store.clone(), client).settle().await.unwrap();
    let log = site.log(webhook).await;
    assert_eq!((log.state, log.last_status), (DeliveryState::Pending, None));
    assert_eq!(log.last_error.as_deref(), Some("refused: the host is not on the public internet"));
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}
