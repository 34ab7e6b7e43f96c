use keyward_apikey::KeyProfile;
use keyward_store::KeyOperations as _;
use keyward_store_postgres::PostgresStore;

use crate::database::{Database, connect};
use crate::sample::{NOW, Sample};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_any_row() {
    let Some(database) = Database::create().await else { return };
    let store = PostgresStore::open(&database.url()).await.expect("it opens");
    let mut samples = Vec::new();
    for profile in [KeyProfile::Keyward, KeyProfile::OpenSvm, KeyProfile::Routstr] {
        let sample = Sample::new(profile).created_in(&store).await;
        store.apply_key(&sample.bind("wallet"), NOW).await.expect("an answer").into_result().expect("bound");
        samples.push(sample);
    }
    let rows = dump(&database.url()).await;
    for sample in &samples {
        for secret in [sample.raw.expose_secret(), sample.token.expose_secret()] {
            // As text and as bytes, and without what all keys begin with.
            let bare = &secret[secret.len() - 43..];
            let hex: String = bare.bytes().map(|byte| format!("{byte:02x}")).collect();
            for form in [bare, &hex] {
                assert!(!rows.iter().any(|row| row.contains(form)), "a secret is in a row");
            }
        }
        for digest in [sample.secret.digest.to_string(), sample.link.digest.to_string()] {
            assert!(rows.iter().any(|row| row.contains(&digest)), "the dump has not all rows");
        }
    }
    drop(store);
    database.remove().await;
}

/// All rows of all tables, as text.
async fn dump(url: &str) -> Vec<String> {
    let client = connect(url).await;
    let tables = client.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &[]).await;
    let mut dumped = Vec::new();
    for table in tables.expect("an answer") {
        let table: String = table.get(0);
        let rows = client.query(&format!("SELECT t::text FROM {table} AS t"), &[]).await.expect("an answer");
        dumped.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    dumped
}
