use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyward_apikey::KeyProfile;
use keyward_store::{KeyOperations as _, KeyStore as _};
use keyward_store_postgres::PostgresStore;

use crate::database::Database;
use crate::sample::{NOW, Sample};

/// Looks for texts in all that is logged.
struct Watch {
    forbidden: Mutex<Vec<String>>,
    statements: AtomicUsize,
    leaks: AtomicUsize,
}

static WATCH: Watch =
    Watch { forbidden: Mutex::new(Vec::new()), statements: AtomicUsize::new(0), leaks: AtomicUsize::new(0) };

impl log::Log for Watch {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = record.args().to_string();
        let forbidden = self.forbidden.lock().expect("no panic");
        self.statements.fetch_add(usize::from(line.contains("with parameters")), Ordering::SeqCst);
        self.leaks.fetch_add(usize::from(forbidden.iter().any(|text| line.contains(text))), Ordering::SeqCst);
    }

    fn flush(&self) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_digest_and_no_password_is_logged() {
    let Some(database) = Database::create().await else { return };
    let sample = Sample::new(KeyProfile::Keyward);
    let url = database.url();
    let password = url.split(['@', ':']).nth(2).expect("a password").to_owned();
    let digests = [sample.secret.digest.to_string(), sample.link.digest.to_string()];
    let bare = digests.clone().map(|digest| digest.rsplit(':').next().expect("digits").to_owned());
    *WATCH.forbidden.lock().expect("no panic") = [&bare[..], &[password]].concat();
    log::set_logger(&WATCH).expect("the only one");
    log::set_max_level(log::LevelFilter::Trace);

    let store = PostgresStore::open(&url).await.expect("it opens");
    let sample = sample.created_in(&store).await;
    assert!(store.key_by_digest(&sample.secret.digest).await.expect("an answer").is_some());
    let mut same = Sample::new(KeyProfile::Keyward);
    same.create = sample.create.clone();
    store.apply_key(&same.create, NOW).await.expect("an answer").into_result().expect("replayed");
    assert!(WATCH.statements.load(Ordering::SeqCst) > 2, "nothing was logged at all");
    assert_eq!(WATCH.leaks.load(Ordering::SeqCst), 0);
    drop(store);
    database.remove().await;
}
