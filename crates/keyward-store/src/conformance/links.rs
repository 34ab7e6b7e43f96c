use keyward_apikey::{
    GracePeriod, KeyAction, KeyOutcome, KeyStatus, KeyUpdate, LinkState, Loaded, Rejection, Revision, Step,
    WalletAddress,
};
use keyward_ledger::Applied;

use super::sample::{NOW, SampleKey, apply, done, fresh_secret, later, new_link, operation, wallet};
use super::{Case, Nodes, cases};
use crate::{KeyOperations, KeyPut};

pub(super) fn cases() -> Vec<Case> {
    cases![Nothing:
        of_64_tasks_that_use_one_link_one_wins,
        two_wallets_never_bind_one_key,
        a_new_link_takes_the_place_of_the_one_before,
        a_link_ends_in_time,
        wrong_signatures_burn_a_link,
        of_racing_rotations_one_wins,
        a_rotated_secret_finds_nothing_any_more,
        what_is_revoked_stays_revoked,
        a_write_that_comes_after_a_revocation_is_lost,
        digests_that_a_key_gave_up_or_never_got_are_free,
    ]
    .into()
}

async fn of_64_tasks_that_use_one_link_one_wins(nodes: Nodes) {
    for _ in 0..4 {
        let mut sample = SampleKey::new();
        let link = new_link();
        sample.new.link = Some(link);
        let sample = sample.created_in(&*nodes.first).await;
        let tasks: Vec<_> = (0..64)
            .map(|number| {
                let (store, wallet) = (nodes.of_task(number), wallet(number));
                tokio::spawn(async move {
                    let bind = operation(KeyAction::Bind { link: link.digest, wallet: wallet.clone() });
                    (apply(&*store, &bind).await, wallet)
                })
            })
            .collect();
        let mut winners: Vec<WalletAddress> = Vec::new();
        for task in tasks {
            match task.await.expect("no panic") {
                (Applied::Done(KeyOutcome::WalletBound), wallet) => winners.push(wallet),
                (Applied::Rejected(Rejection::LinkUsed | Rejection::AlreadyBound), _) => {}
                (other, _) => panic!("{other:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "wallets that won");
        let key = nodes.second.key(sample.id()).await.expect("an answer").expect("the key");
        assert_eq!(Vec::from_iter(key.wallets().iter().map(|wallet| &wallet.address)), [&winners[0]]);
        assert_eq!(key.status(), KeyStatus::Active);
        assert_eq!(key.link().map(|link| link.state()), Some(LinkState::Used));
    }
}

async fn two_wallets_never_bind_one_key(nodes: Nodes) {
    for _ in 0..8 {
        let mut sample = SampleKey::new();
        let first_link = new_link();
        sample.new.link = Some(first_link);
        let sample = sample.created_in(&*nodes.first).await;
        // One goes by the first link, the other by one that is made meanwhile.
        let (one, two) = (nodes.first.clone(), nodes.second.clone());
        let by_first = tokio::spawn(async move {
            let bind = operation(KeyAction::Bind { link: first_link.digest, wallet: wallet(1) });
            apply(&*one, &bind).await
        });
        let key = sample.id();
        let by_second = tokio::spawn(async move {
            let link = new_link();
            let _ = apply(&*two, &operation(KeyAction::CreateLink { key, link })).await;
            apply(&*two, &operation(KeyAction::Bind { link: link.digest, wallet: wallet(2) })).await
        });
        let answers = [by_first.await.expect("no panic"), by_second.await.expect("no panic")];
        let won = answers.iter().filter(|answer| matches!(answer, Applied::Done(_))).count();
        assert_eq!(won, 1, "{answers:?}");
        assert_eq!(nodes.first.key(key).await.expect("an answer").expect("the key").wallets().len(), 1);
    }
}

async fn a_new_link_takes_the_place_of_the_one_before(nodes: Nodes) {
    let mut sample = SampleKey::new();
    let old = new_link();
    sample.new.link = Some(old);
    let sample = sample.created_in(&*nodes.first).await;
    let link = new_link();
    done(&*nodes.first, &operation(KeyAction::CreateLink { key: sample.id(), link })).await;
    assert_eq!(nodes.second.key_by_link(&old.digest).await.expect("an answer"), None);
    let bind = operation(KeyAction::Bind { link: old.digest, wallet: wallet(1) });
    assert_eq!(apply(&*nodes.second, &bind).await, Applied::Rejected(Rejection::UnknownLink));
    done(&*nodes.second, &operation(KeyAction::Bind { link: link.digest, wallet: wallet(1) })).await;
}

async fn a_link_ends_in_time(nodes: Nodes) {
    let mut sample = SampleKey::new();
    let link = new_link();
    sample.new.link = Some(link);
    sample.created_in(&*nodes.first).await;
    let bind = operation(KeyAction::Bind { link: link.digest, wallet: wallet(1) });
    let end = u64::from(link.lifetime.as_minutes()) * 60_000;
    let late = nodes.second.apply_key(&bind, later(end)).await.expect("an answer");
    assert_eq!(late, Applied::Rejected(Rejection::LinkExpired));
    // The clock was set back; the rejection was not remembered.
    let in_time = nodes.first.apply_key(&bind, later(end - 1)).await.expect("an answer");
    assert_eq!(in_time, Applied::Done(KeyOutcome::WalletBound));
}

async fn wrong_signatures_burn_a_link(nodes: Nodes) {
    let mut sample = SampleKey::new();
    let link = new_link();
    sample.new.link = Some(link);
    sample.created_in(&*nodes.first).await;
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let store = nodes.of_task(number);
            let wrong = operation(KeyAction::RecordWrongSignature { link: link.digest });
            tokio::spawn(async move { apply(&*store, &wrong).await })
        })
        .collect();
    let (mut recorded, mut burned, mut void) = (0, 0, 0);
    for task in tasks {
        match task.await.expect("no panic") {
            Applied::Done(KeyOutcome::WrongSignatureRecorded { .. }) => recorded += 1,
            Applied::Done(KeyOutcome::LinkBurned) => burned += 1,
            Applied::Rejected(Rejection::LinkVoid) => void += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((recorded, burned, void), (10, 1, 5));
    let bind = operation(KeyAction::Bind { link: link.digest, wallet: wallet(1) });
    assert_eq!(apply(&*nodes.first, &bind).await, Applied::Rejected(Rejection::LinkVoid));
}

async fn of_racing_rotations_one_wins(nodes: Nodes) {
    let sample = SampleKey::active().created_in(&*nodes.first).await;
    for round in 0..4 {
        let expected = Revision::new(round).expect("in range");
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let (store, key) = (nodes.of_task(number), sample.id());
                tokio::spawn(async move {
                    let (_, secret) = fresh_secret();
                    let rotate = KeyAction::Rotate { key, secret, expected, grace: GracePeriod::MAX };
                    (apply(&*store, &operation(rotate)).await, secret.digest)
                })
            })
            .collect();
        let (mut winners, mut losers) = (Vec::new(), Vec::new());
        for task in tasks {
            match task.await.expect("no panic") {
                (Applied::Done(KeyOutcome::Rotated { .. }), digest) => winners.push(digest),
                (Applied::Rejected(Rejection::RotationConflict { .. }), digest) => losers.push(digest),
                (other, _) => panic!("{other:?}"),
            }
        }
        assert_eq!(winners.len(), 1, "rotations that won");
        let found = nodes.second.key_by_digest(&winners[0]).await.expect("an answer").expect("the key");
        assert_eq!((found.id(), found.secret().digest), (sample.id(), winners[0]));
        for digest in losers {
            assert_eq!(nodes.first.key_by_digest(&digest).await.expect("an answer"), None);
        }
    }
}

async fn a_rotated_secret_finds_nothing_any_more(nodes: Nodes) {
    let sample = SampleKey::active().created_in(&*nodes.first).await;
    let (key, first) = (sample.id(), sample.digest());
    let rotate = |secret, round, grace| {
        let expected = Revision::new(round).expect("in range");
        operation(KeyAction::Rotate { key, secret, expected, grace })
    };
    let ((_, second), (_, third)) = (fresh_secret(), fresh_secret());
    done(&*nodes.first, &rotate(second, 0, GracePeriod::MAX)).await;
    let found = nodes.second.key_by_digest(&first).await.expect("an answer").expect("it is in its grace");
    assert!(found.identify(&first, NOW).is_ok());
    done(&*nodes.second, &rotate(third, 1, GracePeriod::MAX)).await;
    assert_eq!(nodes.first.key_by_digest(&first).await.expect("an answer"), None, "two secrets at most");
    for digest in [second.digest, third.digest] {
        let found = nodes.first.key_by_digest(&digest).await.expect("an answer").expect("it works");
        assert!(found.identify(&digest, NOW).is_ok());
    }
    done(&*nodes.first, &operation(KeyAction::Revoke { key })).await;
    for digest in [second.digest, third.digest] {
        if let Some(found) = nodes.second.key_by_digest(&digest).await.expect("an answer") {
            assert_eq!(found.status(), KeyStatus::Revoked);
        }
    }
}

async fn what_is_revoked_stays_revoked(nodes: Nodes) {
    for _ in 0..4 {
        let mut sample = SampleKey::new();
        let link = new_link();
        sample.new.link = Some(link);
        let sample = sample.created_in(&*nodes.first).await;
        let key = sample.id();
        // Everything that could bring it back, around the moment at which it is revoked.
        let tasks: Vec<_> = (0..24)
            .map(|number| {
                let store = nodes.of_task(number);
                tokio::spawn(async move {
                    let (_, secret) = fresh_secret();
                    let action = match number % 4 {
                        0 => KeyAction::Bind { link: link.digest, wallet: wallet(number) },
                        1 => KeyAction::CreateLink { key, link: new_link() },
                        2 => KeyAction::Rotate { key, secret, expected: Revision::FIRST, grace: GracePeriod::NONE },
                        _ if number == 11 => KeyAction::Revoke { key },
                        _ => KeyAction::RecordWrongSignature { link: link.digest },
                    };
                    let _ = apply(&*store, &operation(action)).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        let found = nodes.second.key(key).await.expect("an answer").expect("the key");
        assert_eq!(found.status(), KeyStatus::Revoked);
        let bind = operation(KeyAction::Bind { link: link.digest, wallet: wallet(99) });
        assert!(matches!(apply(&*nodes.first, &bind).await, Applied::Rejected(_)));
        assert_eq!(nodes.first.key(key).await.expect("an answer"), Some(found));
    }
}

async fn a_write_that_comes_after_a_revocation_is_lost(nodes: Nodes) {
    let (mut sample, link, second_link) = (SampleKey::new(), new_link(), new_link());
    sample.new.link = Some(link);
    let sample = sample.created_in(&*nodes.first).await;
    let key = sample.id();
    let stale = nodes.second.key(key).await.expect("an answer").expect("the key");
    done(&*nodes.first, &operation(KeyAction::Revoke { key })).await;
    let revoked = nodes.first.key(key).await.expect("an answer");

    let ((_, secret), (_, rehashed)) = (fresh_secret(), fresh_secret());
    let mut update = KeyUpdate::default();
    update.expires_at = Some(None);
    let late = [
        KeyAction::Bind { link: link.digest, wallet: wallet(1) },
        KeyAction::Rotate { key, secret, expected: Revision::FIRST, grace: GracePeriod::MAX },
        KeyAction::Rehash { key, from: sample.digest(), to: rehashed.digest },
        KeyAction::CreateLink { key, link: second_link },
        KeyAction::RecordWrongSignature { link: link.digest },
        KeyAction::Update { key, update: Box::new(update) },
    ];
    for (number, action) in late.into_iter().enumerate() {
        // Decided on what was there before.
        let after = match operation(action).apply(Loaded { key: Some(&stale), parent: None }, NOW) {
            Ok(Step::Done(after, _)) => after,
            other => panic!("not done but {other:?}"),
        };
        let put = nodes.of_task(number).put_key(Some(&stale), &after).await.expect("an answer");
        assert_eq!(put, KeyPut::Conflict);
        for store in [&nodes.first, &nodes.second] {
            assert_eq!(store.key(key).await.expect("an answer"), revoked);
            assert_eq!(store.key_by_digest(&sample.digest()).await.expect("an answer"), revoked);
        }
    }
    for digest in [secret.digest, rehashed.digest] {
        assert_eq!(nodes.second.key_by_digest(&digest).await.expect("an answer"), None);
    }
    assert_eq!(nodes.second.key_by_link(&second_link.digest).await.expect("an answer"), None);
}

async fn digests_that_a_key_gave_up_or_never_got_are_free(nodes: Nodes) {
    let (mut sample, old_link) = (SampleKey::new(), new_link());
    sample.new.link = Some(old_link);
    let sample = sample.created_in(&*nodes.first).await;
    let key = sample.id();
    let ((_, second), (_, third)) = (fresh_secret(), fresh_secret());
    let rotate =
        |secret| operation(KeyAction::Rotate { key, secret, expected: Revision::FIRST, grace: GracePeriod::NONE });
    let (stale, lost_link) = (nodes.second.key(key).await.expect("an answer").expect("the key"), new_link());
    done(&*nodes.first, &rotate(second)).await;
    done(&*nodes.first, &operation(KeyAction::CreateLink { key, link: new_link() })).await;
    // A rotation and a link that came too late.
    let mut after = stale.clone();
    for late in [rotate(third), operation(KeyAction::CreateLink { key, link: lost_link })] {
        after = match late.apply(Loaded { key: Some(&after), parent: None }, NOW) {
            Ok(Step::Done(after, _)) => *after,
            other => panic!("not done but {other:?}"),
        };
    }
    assert_eq!(nodes.second.put_key(Some(&stale), &after).await.expect("an answer"), KeyPut::Conflict);

    for (secret, link) in [(sample.new.secret, old_link), (third, lost_link)] {
        let mut other = SampleKey::new();
        (other.new.secret, other.new.link) = (secret, Some(link));
        let other = other.created_in(&*nodes.second).await;
        let by_digest = nodes.first.key_by_digest(&secret.digest).await.expect("an answer").expect("the key");
        let by_link = nodes.first.key_by_link(&link.digest).await.expect("an answer").expect("the key");
        assert_eq!((by_digest.id(), by_link.id()), (other.id(), other.id()));
    }
    let found = nodes.first.key_by_digest(&second.digest).await.expect("an answer").expect("the key");
    assert_eq!(found.id(), key);
}
