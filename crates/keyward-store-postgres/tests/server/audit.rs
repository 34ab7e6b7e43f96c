//! The books as the tables have them, audited by code that shares nothing with the store.

use keyward_ledger::Snapshot;
use serde::de::DeserializeOwned;
use tokio_postgres::Client;

use crate::database::connect;

const ACCOUNTS: &str = "
    SELECT json_build_object('id', encode(id, 'hex'), 'parent', encode(parent, 'hex'), 'root', encode(root, 'hex'),
        'depth', depth, 'balance', balance, 'reserved', reserved, 'withheld', withheld, 'limit', spend_limit,
        'spent', spent, 'deposited', deposited, 'refunded', refunded, 'entries', entries, 'created_at', created_at)::text
    FROM keyward_accounts";
const RESERVATIONS: &str = "
    SELECT json_build_object('id', encode(id, 'hex'), 'account', encode(account, 'hex'), 'amount', amount,
        'made_at', made_at, 'deadline', deadline, 'state', state, 'charged', charged, 'ended_at', ended_at)::text
    FROM keyward_reservations";
const REFUNDS: &str = "
    SELECT json_build_object('id', encode(id, 'hex'), 'account', encode(account, 'hex'), 'amount', amount,
        'begun_at', begun_at, 'state', state, 'ended_at', ended_at)::text
    FROM keyward_refunds";
const ENTRIES: &str = "
    SELECT json_build_object('root', encode(root, 'hex'), 'number', number, 'account', encode(account, 'hex'),
        'operation', encode(operation, 'hex'), 'kind', kind, 'amount', amount, 'balance_after', balance_after,
        'description', description, 'at', entered_at)::text
    FROM keyward_entries";
const OPERATIONS: &str = "
    SELECT json_build_object('id', encode(id, 'hex'), 'account', encode(account, 'hex'),
        'fingerprint', encode(fingerprint, 'hex'), 'outcome', outcome::json, 'at', done_at)::text
    FROM keyward_operations";
/// Accounts below a root whose journal is not numbered from 1 to as many entries as they have.
const BROKEN_JOURNALS: &str = "
    SELECT count(*) FROM keyward_accounts AS a WHERE a.parent IS NOT NULL AND (
        (SELECT count(*) FROM keyward_journals AS j WHERE j.account = a.id) <> a.entries
        OR coalesce((SELECT max(position) FROM keyward_journals AS j WHERE j.account = a.id), 0) <> a.entries)";

/// Fails unless all sums are those of the records.
pub(crate) async fn audit(url: &str) -> Snapshot {
    let client = connect(url).await;
    let snapshot = Snapshot {
        accounts: records(&client, ACCOUNTS).await,
        reservations: records(&client, RESERVATIONS).await,
        refunds: records(&client, REFUNDS).await,
        entries: records(&client, ENTRIES).await,
        operations: records(&client, OPERATIONS).await,
    };
    snapshot.audit().expect("the books add up");
    let broken: i64 = client.query_one(BROKEN_JOURNALS, &[]).await.expect("an answer").get(0);
    assert_eq!(broken, 0);
    snapshot
}

async fn records<T: DeserializeOwned>(client: &Client, sql: &str) -> Vec<T> {
    let rows = client.query(sql, &[]).await.expect("an answer");
    rows.iter().map(|row| serde_json::from_str(row.get(0)).expect("a record")).collect()
}
