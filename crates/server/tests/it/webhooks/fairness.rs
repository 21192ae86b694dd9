//! Several receivers at a time, and leaving while one is slow.

use portcullis_store::DeliveryState;

use super::*;

#[tokio::test]
async fn a_slow_receiver_does_not_hold_up_another() {
    let site = Site::new().await;
    let slow = Receiver::start(vec![Reply::Held; 100]);
    let quick = Receiver::start([]);
    let (of_slow, _) = site.webhook(&slow.url()).await;
    for _ in 0..100 {
        site.post(of_slow).await;
    }
    let drain = Drain::new();
    let work = tokio::spawn(site.dispatcher().run(drain.clone()));
    slow.arrival().await;
    let (of_quick, _) = site.webhook(&quick.url()).await;
    for _ in 0..20 {
        site.post(of_quick).await;
    }
    for _ in 0..20 {
        quick.arrival().await;
    }
    assert_eq!(slow.received().len(), 8, "no more at a time for one");
    slow.released.add_permits(100);
    drain.begin();
    within(work).await.unwrap();
}

#[tokio::test]
async fn attempts_under_way_are_finished_and_written_down_before_the_end() {
    let (site, receiver) = (Site::new().await, Receiver::start([Reply::Held]));
    let (webhook, _) = site.webhook(&receiver.url()).await;
    site.post(webhook).await;
    let drain = Drain::new();
    let work = tokio::spawn(site.dispatcher().run(drain.clone()));
    receiver.arrival().await;
    drain.begin();
    receiver.release();
    within(work).await.unwrap();
    assert_eq!(site.log(webhook).await.state, DeliveryState::Delivered);
}
