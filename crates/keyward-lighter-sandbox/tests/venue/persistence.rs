//! What a state file keeps, and what is refused of one.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use keyward_lighter::{Action, CancelAllOrders, OrderExpiry, SubAccountAccess, TimeInForce};
use keyward_lighter::{ApiCode, Attributes};
use keyward_lighter_sandbox::{NewToken, OpenError, SandboxClock, Seed, Storage, StoreError, Venue, VenueSettings};
use tempfile::TempDir;

use crate::workbench::{
    MAIN, NEW_TOKEN, POOL, SLOT, START, SUB, Workbench, assert_code, change_key, key, main_order, order, owner,
    seconds, sign, stranger, token, transaction,
};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("venue.state")
    }

    fn open(&self) -> Workbench {
        Workbench::open(VenueSettings::default(), Storage::File(self.file()))
    }
}

pub(crate) fn open_error(seed: Seed, file: &Path) -> OpenError {
    let clock = Arc::new(SandboxClock::default());
    let opened = Venue::open(VenueSettings::default(), seed, Storage::File(file.to_owned()), clock);
    opened.expect_err("it is refused")
}

/// All that can be asked of the accounts.
fn answers(bench: &Workbench, principals: &[keyward_lighter_sandbox::Principal]) -> Vec<serde_json::Value> {
    let mut answers = vec![];
    for address in [owner().address(), stranger().address()] {
        answers.push(serde_json::to_value(bench.venue.account_by_l1_address(&address.to_string()).unwrap()).unwrap());
    }
    for account in [MAIN, SUB, POOL] {
        answers.push(
            bench
                .venue
                .api_keys(account as i64, 255)
                .map_or(serde_json::Value::Null, |keys| serde_json::to_value(keys).unwrap()),
        );
    }
    for principal in principals {
        answers.push(serde_json::to_value(bench.venue.list_tokens(principal)).unwrap());
        answers.push(serde_json::to_value(bench.venue.maker_only(principal)).unwrap());
        answers.push(serde_json::to_value(bench.venue.account_limits(principal)).unwrap());
    }
    answers
}

#[test]
fn reopened_venue_is_the_one_that_was_closed() {
    let folder = Folder::new();
    let bench = folder.open();
    assert!(bench.venue.is_durable());
    let principals = [bench.manager(MAIN), bench.manager(SUB)];
    let request = NewToken { sub_account_access: SubAccountAccess::All, ..NEW_TOKEN };
    let tokens = [0, 1].map(|_| bench.venue.create_token(&principals[0], &request).unwrap().token);
    bench.venue.revoke_token(&principals[0], tokens[1].token_id as i64).unwrap();
    bench.register(MAIN, 4, &key(4));
    bench.venue.set_maker_only(&principals[0], "[4]").unwrap();
    bench.venue.change_tier(&principals[1], "plus").unwrap();
    let time = OrderExpiry::new(seconds(START + 300).into()).unwrap();
    let post = |slot, signer, action| {
        let nonce = bench.next_nonce(MAIN, slot);
        bench.send(&sign(transaction(MAIN, slot, nonce, Attributes::NONE, action), &key(signer))).unwrap();
    };
    post(4, 4, order(8, TimeInForce::PostOnly));
    post(4, 4, order(9, TimeInForce::PostOnly));
    post(SLOT, MAIN, Action::CancelAllOrders(CancelAllOrders::Scheduled(time)));
    let modify = |number| {
        Action::ModifyOrder(keyward_lighter::ModifyOrder {
            market_index: keyward_lighter::MarketIndex::new(0).unwrap(),
            index: keyward_lighter::OrderIndex::new(number).unwrap(),
            base_amount: keyward_lighter::BaseAmount::ZERO,
            price: 1.try_into().unwrap(),
            trigger_price: None,
        })
    };
    let cancel = keyward_lighter::CancelOrder {
        market_index: keyward_lighter::MarketIndex::new(0).unwrap(),
        index: keyward_lighter::OrderIndex::new(9).unwrap(),
    };
    post(SLOT, MAIN, Action::CancelOrder(cancel));
    let before = answers(&bench, &principals);
    drop(bench);

    let bench = folder.open();
    assert_eq!(answers(&bench, &principals), before);
    bench.read(tokens[0].api_token.expose_secret(), SUB).unwrap();
    assert!(bench.read(tokens[1].api_token.expose_secret(), MAIN).is_err());
    bench.read(&token(SUB, SLOT, &key(SUB), START + 60), SUB).unwrap();
    let nonce = bench.next_nonce(MAIN, 4);
    let open = sign(transaction(MAIN, 4, nonce, Attributes::NONE, modify(8)), &key(4));
    let cancelled = sign(transaction(MAIN, 4, nonce, Attributes::NONE, modify(9)), &key(4));
    assert_eq!(bench.send(&cancelled).unwrap_err().code, ApiCode::INVALID_TX_TYPE_FOR_ACCOUNT);
    bench.send(&open).unwrap();
    let next = bench.venue.create_token(&principals[1], &request).unwrap();
    assert_eq!(next.token.token_id, 3, "numbers are not given twice");
}

#[test]
fn delayed_key_comes_into_force_after_a_restart() {
    let folder = Folder::new();
    let delayed = VenueSettings { execution_delay_ms: 5_000, ..VenueSettings::default() };
    let bench = Workbench::open(delayed, Storage::File(folder.file()));
    bench.send(&change_key(MAIN, SLOT, 0, &key(1), &owner())).unwrap();
    drop(bench);
    let bench = folder.open();
    assert_eq!((bench.next_nonce(MAIN, SLOT), bench.listed_key(MAIN, SLOT)), (1, None));
    bench.advance_secs(5);
    bench.read(&token(MAIN, SLOT, &key(1), START + 60), MAIN).unwrap();
}

#[test]
fn refused_transaction_leaves_nothing_behind() {
    let folder = Folder::new();
    let bench = folder.open();
    bench.register(MAIN, SLOT, &key(1));
    let batch = [main_order(1, &key(1)), main_order(2, &key(2))];
    assert_code(bench.send_batch(&batch), ApiCode::INVALID_SIGNATURE);
    drop(bench);
    assert_eq!(folder.open().next_nonce(MAIN, SLOT), 1);
}

#[test]
fn seed_adds_what_is_not_there_and_leaves_the_rest() {
    let folder = Folder::new();
    let owner = owner().address();
    let file = Storage::File(folder.file());
    let open = |accounts: &str| {
        let seed = Seed::from_json(format!(r#"{{"accounts": [{accounts}]}}"#).as_bytes()).unwrap();
        Venue::open(VenueSettings::default(), seed, file.clone(), Arc::new(SandboxClock::default())).unwrap()
    };
    let main = format!(r#"{{"l1_address": "{owner}", "index": 5, "collateral": "1"}}"#);
    drop(open(&main));
    let richer = main.replace("\"1\"", "\"2\"");
    let venue = open(&format!(r#"{richer}, {{"l1_address": "{owner}"}}"#));
    let accounts = venue.accounts_by_l1_address(&owner.to_string()).unwrap().sub_accounts;
    assert_eq!((accounts.len(), &*accounts[0].collateral), (2, "1.000000"));
    drop(venue);

    // The example is for a venue that has nothing.
    let clock = Arc::new(SandboxClock::default());
    let venue = Venue::open(VenueSettings::default(), Seed::example(), file.clone(), clock).unwrap();
    assert_eq!(venue.account_count(), 2);
}

#[test]
fn seed_that_contradicts_the_file_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    let seed = |index: u64, owner: keyward_lighter::EthereumAddress| {
        let account = keyward_lighter_sandbox::SeedAccount::new(owner);
        let index = keyward_lighter::AccountIndex::new(index).unwrap();
        Seed::new([keyward_lighter_sandbox::SeedAccount { index: Some(index), ..account }]).unwrap()
    };
    let error = open_error(seed(MAIN, stranger().address()), &folder.file());
    assert_eq!(error.to_string(), "account 5 of the seed is another account in the state file");
    let error = open_error(seed(MAIN + 1, owner().address()), &folder.file());
    assert!(matches!(error, OpenError::SecondMainAccount { l1_address } if l1_address == owner().address()));
    assert_eq!(folder.open().venue.account_count(), 6, "nothing of a refused seed is kept");
}

#[test]
fn file_is_for_its_owner_and_for_one_process() {
    let folder = Folder::new();
    let bench = folder.open();
    let error = open_error(Seed::empty(), &folder.file());
    assert!(matches!(error, OpenError::Store(StoreError::Locked)));
    assert_eq!(error.to_string(), "the state file is in use by another process");
    drop(bench);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names: Vec<_> = fs::read_dir(folder.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["venue.state"], "nothing else is left in the folder");
}

#[test]
fn file_that_is_none_of_ours_is_refused_and_left_alone() {
    let folder = Folder::new();
    for content in [&b""[..], b"{}", &[0; 8192], &[0xff; 100_000]] {
        fs::write(folder.file(), content).unwrap();
        let error = open_error(Seed::example(), &folder.file());
        assert!(matches!(error, OpenError::Store(StoreError::Corrupt(_))), "{error:?}");
        assert_eq!(fs::read(folder.file()).unwrap(), content);
    }
    fs::remove_file(folder.file()).unwrap();
    drop(redb::Database::create(folder.file()).unwrap());
    let error = open_error(Seed::example(), &folder.file());
    assert_eq!(error.to_string(), "the file is not a state file, or is damaged");

    // Another program's with a table of the same name, and one of ours that is not whole.
    let write = |fill: &dyn Fn(&redb::WriteTransaction)| {
        fs::remove_file(folder.file()).unwrap();
        let database = redb::Database::create(folder.file()).unwrap();
        let transaction = database.begin_write().unwrap();
        fill(&transaction);
        transaction.commit().unwrap();
    };
    let version = |transaction: &redb::WriteTransaction| {
        let mut meta = transaction.open_table(redb::TableDefinition::<&str, u64>::new("meta")).unwrap();
        meta.insert("version", 1).unwrap();
    };
    let fills: [&dyn Fn(&redb::WriteTransaction); 3] = [
        &|transaction| {
            transaction.open_table(redb::TableDefinition::<u64, u64>::new("meta")).unwrap().insert(1, 1).unwrap();
        },
        &version,
        &|transaction| {
            version(transaction);
            let accounts = redb::TableDefinition::<u64, &str>::new("accounts");
            transaction.open_table(accounts).unwrap().insert(5, "{}").unwrap();
        },
    ];
    for fill in fills {
        write(fill);
        let error = open_error(Seed::example(), &folder.file());
        assert!(matches!(error, OpenError::Store(StoreError::Corrupt(_))), "{error:?}");
    }

    let nowhere = folder.0.path().join("nowhere").join("venue.state");
    let error = open_error(Seed::example(), &nowhere);
    assert!(matches!(error, OpenError::Store(StoreError::Io(_))));
    assert!(error.to_string().starts_with("the state file cannot be read or written: "), "it tells why: {error}");
    assert!(matches!(open_error(Seed::example(), folder.0.path()), OpenError::Store(StoreError::Io(_))));
}

#[test]
fn file_of_another_version_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    let database = redb::Database::open(folder.file()).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(redb::TableDefinition::<&str, u64>::new("meta")).unwrap().insert("version", 2).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = open_error(Seed::example(), &folder.file());
    assert!(matches!(error, OpenError::Store(StoreError::WrongVersion { found: 2 })));
    assert_eq!(error.to_string(), "the state file is of version 2, and only version 1 is read");
}

#[test]
fn damaged_file_is_refused_or_as_it_was() {
    let folder = Folder::new();
    let bench = folder.open();
    bench.register(MAIN, SLOT, &key(1));
    let before = answers(&bench, &[]);
    drop(bench);
    let good = fs::read(folder.file()).unwrap();
    let written: Vec<_> = (0..good.len()).filter(|place| good[*place] != 0).collect();
    let mut refused = 0;
    for place in written.iter().step_by(written.len() / 150) {
        let mut bad = good.clone();
        bad[*place] ^= 0x40;
        fs::write(folder.file(), &bad).unwrap();
        let clock = Arc::new(SandboxClock::new(keyward_lighter_sandbox::ClockSetting::Fixed(seconds(START).into())));
        let storage = Storage::File(folder.file());
        match Venue::open(VenueSettings::default(), Seed::empty(), storage, Arc::clone(&clock) as _) {
            Ok(venue) => assert_eq!(answers(&Workbench { venue: Arc::new(venue), clock }, &[]), before),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0, "some damage is where it matters");
    let half = &good[..good.len() / 2];
    fs::write(folder.file(), half).unwrap();
    assert!(matches!(open_error(Seed::empty(), &folder.file()), OpenError::Store(_)));
}
