use keyward_apikey::{ApiKey, KeyAction, KeyDigest, KeyStatus};
use keyward_ledger::{Account, AccountId, Applied, Operation, OperationId, Outcome};

use super::sample::{NOW, SampleKey, about, book, book_as, done, funded, later, msat, operation, operation_id};
use crate::{Ledger, PageLimit, PageRequest, Store};

/// What was acknowledged before a store was closed.
pub(super) struct Acknowledged {
    digest: KeyDigest,
    key: Option<ApiKey>,
    books: Option<Books>,
}

struct Books {
    account: AccountId,
    record: Option<Account>,
    charge: (OperationId, Operation),
    reservation: OperationId,
}

pub(super) async fn acknowledged_by(store: &dyn Store) -> Acknowledged {
    let sample = SampleKey::active().created_in(store).await;
    done(store, &operation(KeyAction::Revoke { key: sample.id() })).await;
    let key = store.key(sample.id()).await.expect("an answer");
    let books = match store.capabilities().ledger {
        Ledger::Kept => Some(books(store).await),
        Ledger::Unsupported => None,
    };
    Acknowledged { digest: sample.digest(), key, books }
}

async fn books(store: &dyn Store) -> Books {
    let account = funded(store, 100).await;
    let reserve = Operation::Reserve { account, amount: msat(30), deadline: later(100) };
    let (reservation, _) = book(store, &reserve).await;
    let charge = (operation_id(), Operation::Charge { account, amount: msat(20), description: about("use") });
    assert!(matches!(book_as(store, charge.0, &charge.1).await, Applied::Done(_)));
    let record = store.account(account).await.expect("an answer");
    Books { account, record, charge, reservation }
}

pub(super) async fn check(store: &dyn Store, acknowledged: Acknowledged) {
    let found = store.key_by_digest(&acknowledged.digest).await.expect("an answer");
    assert_eq!(found.as_ref().map(ApiKey::status), Some(KeyStatus::Revoked));
    assert_eq!(found, acknowledged.key);
    let Some(Books { account, record, charge: (id, charge), reservation }) = acknowledged.books else { return };
    assert_eq!(store.account(account).await.expect("an answer"), record);
    let replayed = store.apply(id, &charge, NOW).await.expect("an answer");
    assert_eq!(replayed, Applied::Replayed(Outcome::Charged { balance: msat(80) }));
    let journal = store.entries(account, PageRequest::first(PageLimit::MAX)).await.expect("an answer");
    assert_eq!(journal.items.len(), 2);
    book(store, &Operation::Release { account, reservation }).await;
}
