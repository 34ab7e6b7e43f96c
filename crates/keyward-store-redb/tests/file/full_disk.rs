use std::io::{BufRead as _, BufReader};

use keyward_ledger::{AccountId, Applied, Operation};
use keyward_store::{LedgerStore as _, StoreError};
use keyward_store_redb::RedbStore;

use crate::support::{NOW, about, file_of_child, funded, msat, operation_id, spawn};

const ACCOUNT: AccountId = AccountId::from_bytes([3; 16]);

fn charge(number: u128) -> Operation {
    Operation::Charge {
        account: ACCOUNT,
        amount: msat(1),
        description: about(&"x".repeat(200 + (number % 50) as usize)),
    }
}

/// The kernel lets the child's files grow to no more than 4 MiB.
#[tokio::test]
async fn a_file_that_cannot_grow_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keyward.redb");
    funded(&RedbStore::open_file(&path).expect("it opens"), ACCOUNT, 1_000_000_000).await;
    let mut child = spawn("full_disk::child_charges", &path, "trap '' XFSZ; ulimit -f 8192;");
    let said: Vec<String> =
        BufReader::new(child.stdout.take().expect("a pipe")).lines().map_while(Result::ok).collect();
    assert!(child.wait().expect("it ends").success());
    let numbers = |what: &str| -> Vec<u128> {
        said.iter().filter_map(|line| line.strip_prefix(what)).map(|number| number.parse().expect("a number")).collect()
    };
    let [done, unknown, refused] = ["done ", "unknown ", "refused "].map(numbers);
    assert!(done.len() > 100 && refused.len() + unknown.len() >= 20, "{} {}", done.len(), refused.len());
    assert!(said.iter().any(|line| line == "reads go on"), "{said:?}");

    // Elsewhere, or with a longer rope, it goes on.
    let store = RedbStore::open_file(&path).expect("it opens");
    store.snapshot().expect("it is read").audit().expect("sound books");
    let spent = store.account(ACCOUNT).await.expect("an answer").expect("the account").fields().spent.as_msat();
    let spent = usize::try_from(spent).expect("few");
    assert!((done.len()..=done.len() + unknown.len()).contains(&spent), "{spent}");
    for number in done {
        let again = store.apply(operation_id(number), &charge(number), NOW).await.expect("an answer");
        assert!(matches!(again, Applied::Replayed(_)), "{number}: {again:?}");
    }
    for number in refused {
        let again = store.apply(operation_id(number), &charge(number), NOW).await.expect("an answer");
        assert!(matches!(again, Applied::Done(_)), "{number}: {again:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn child_charges() {
    let Some(path) = file_of_child() else { return };
    let store = std::sync::Arc::new(RedbStore::open_file(&path).expect("it opens"));
    println!("\nopen");
    let (mut number, mut failed, mut done) = (0_u128, 0, 0);
    // Beyond the first failure it goes on trying.
    while failed < 20 && number < 100_000 {
        let tasks: Vec<_> = (number..number + 64)
            .map(|number| {
                let store = std::sync::Arc::clone(&store);
                (number, tokio::spawn(async move { store.apply(operation_id(number), &charge(number), NOW).await }))
            })
            .collect();
        number += 64;
        for (number, task) in tasks {
            match task.await.expect("no panic") {
                Ok(Applied::Done(_)) => {
                    done += 1;
                    println!("done {number}");
                }
                Err(StoreError::Ambiguous(_)) => {
                    failed += 1;
                    println!("unknown {number}");
                }
                Err(StoreError::Backend(_) | StoreError::Unavailable(_)) => {
                    failed += 1;
                    println!("refused {number}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    let account = store.account(ACCOUNT).await.expect("an answer").expect("the account");
    if account.fields().spent.as_msat() >= done {
        println!("reads go on");
    }
}
