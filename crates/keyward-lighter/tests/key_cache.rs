//! The cache of keys: each verdict is right whatever the cache has, keys that sign once do not drive out others, and threads share
//! it.

use std::thread;

use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthToken, KeyCache, KeyCacheSettings, MessageHash, Signature, SigningKey, SysRng,
    TableSize, TokenRefusal, TokenSigner, UnixSeconds, VerifyingKey,
};

fn key(number: u16) -> SigningKey {
    SigningKey::from_seed(&[number.to_le_bytes(); 16].concat()).expect("32 bytes")
}

fn message(number: u32) -> MessageHash {
    MessageHash::of_text(number.to_string().as_bytes()).expect("ASCII")
}

fn signed(key: &SigningKey, number: u32) -> (MessageHash, Signature) {
    let message = message(number);
    (message, key.sign(&message, &mut SysRng).expect("the system has randomness"))
}

fn cache(capacity: usize, table_size: TableSize) -> KeyCache {
    KeyCache::new(KeyCacheSettings { capacity, table_size, checks_before_table: 3 })
}

#[test]
fn every_signature_is_checked_at_each_stage() {
    for size in [TableSize::Small, TableSize::Medium, TableSize::Large] {
        let cache = cache(8, size);
        let (key, other) = (key(1), key(2));
        let public_key = key.verifying_key();
        // Unknown, known, and from the third on with a table.
        for number in 0..6 {
            assert_eq!(cache.has_table(public_key), number >= 3, "{size:?}, {number}");
            let (message, signature) = signed(&key, number);
            let (_, of_another_message) = signed(&key, number + 100);
            let (_, of_another_key) = signed(&other, number);
            for wrong in [of_another_message, of_another_key] {
                assert!(cache.verify(public_key, &message, &wrong).is_err(), "{size:?}, {number}");
                assert!(cache.verify_bytes(&public_key.to_bytes(), &message, &wrong).is_err(), "{size:?}, {number}");
            }
            assert_eq!(cache.len(), usize::from(number > 0), "a wrong signature brings nothing in");
            cache.verify_bytes(&public_key.to_bytes(), &message, &signature).expect("a right signature");
        }
        assert_eq!(cache.len(), 1);
        let (message, signature) = signed(&key, 7);
        cache.verify(public_key, &message, &signature).expect("a right signature");
        assert!(cache.verify(other.verifying_key(), &message, &signature).is_err());
    }
}

#[test]
fn bytes_that_are_no_key_are_refused_and_leave_nothing() {
    let cache = cache(8, TableSize::Small);
    let (message, signature) = signed(&key(1), 1);
    // The neutral, a word above the modulus, a value off the curve.
    for bytes in [[0; VerifyingKey::BYTE_SIZE], [0xFF; VerifyingKey::BYTE_SIZE], {
        let mut bytes = [0; VerifyingKey::BYTE_SIZE];
        bytes[0] = 1;
        bytes
    }] {
        assert!(cache.verify_bytes(&bytes, &message, &signature).is_err());
    }
    assert!(cache.is_empty());
}

#[test]
fn keys_that_sign_once_do_not_push_out_those_that_come_again() {
    const CAPACITY: usize = 64;
    let cache = cache(CAPACITY, TableSize::Small);
    let regulars: Vec<SigningKey> = (0..8).map(key).collect();
    let sign_all = |number| {
        for regular in &regulars {
            let (message, signature) = signed(regular, number);
            cache.verify(regular.verifying_key(), &message, &signature).expect("a right signature");
        }
    };
    (0..4).for_each(sign_all);
    for round in 0..40 {
        for stranger in 0..25 {
            let stranger = key(1_000 + round * 25 + stranger);
            let (message, signature) = signed(&stranger, 1);
            cache.verify_bytes(&stranger.verifying_key().to_bytes(), &message, &signature).expect("a right signature");
            assert!(!cache.has_table(stranger.verifying_key()));
        }
        assert!(cache.len() <= CAPACITY);
        sign_all(4 + u32::from(round));
        for regular in &regulars {
            assert!(cache.has_table(regular.verifying_key()), "round {round}");
        }
    }
}

/// Capacities that the cache's shares do not divide, down to one key less than the next share would take.
#[test]
fn no_capacity_is_exceeded() {
    for capacity in [1, 31, 63, 65, 97, 127] {
        let cache = KeyCache::new(KeyCacheSettings { capacity, table_size: TableSize::Small, checks_before_table: 9 });
        for number in 0..4 * capacity as u16 {
            let key = key(number);
            let (message, signature) = signed(&key, 1);
            cache.verify(key.verifying_key(), &message, &signature).expect("a right signature");
            assert!(cache.len() <= capacity, "{} of {capacity}", cache.len());
        }
        assert!(cache.len() > capacity / 2, "{} of {capacity}", cache.len());
    }
}

#[test]
fn a_cache_without_room_checks_all_the_same() {
    let cache = cache(0, TableSize::Small);
    let key = key(1);
    for number in 0..5 {
        let (message, signature) = signed(&key, number);
        cache.verify(key.verifying_key(), &message, &signature).expect("a right signature");
        assert!(cache.verify(key.verifying_key(), &self::message(99), &signature).is_err());
    }
    assert!(cache.is_empty());
}

#[test]
fn settings_are_those_in_force() {
    assert_eq!(cache(5, TableSize::Large).settings().capacity, 5);
    let huge = cache(usize::MAX, TableSize::Large);
    assert_eq!(huge.settings().capacity, KeyCacheSettings::MAX_CAPACITY);
    assert!(format!("{huge:?}").contains("capacity: 1048576,"), "{huge:?}");
    let key = key(1);
    let (message, signature) = signed(&key, 1);
    huge.verify(key.verifying_key(), &message, &signature).expect("a right signature");
    assert_eq!(huge.len(), 1);
}

#[test]
fn a_signature_that_comes_again_counts_again() {
    let cache = cache(8, TableSize::Small);
    let key = key(1);
    let (message, signature) = signed(&key, 1);
    for number in 0..4 {
        assert_eq!(cache.has_table(key.verifying_key()), number >= 3, "{number}");
        cache.verify(key.verifying_key(), &message, &signature).expect("a right signature");
    }
}

#[test]
fn a_table_may_be_made_with_the_first_signature() {
    for checks_before_table in [0, 1] {
        let settings = KeyCacheSettings { capacity: 8, table_size: TableSize::Small, checks_before_table };
        let (cache, key) = (KeyCache::new(settings), key(1));
        let (message, signature) = signed(&key, 1);
        assert!(cache.verify(key.verifying_key(), &self::message(2), &signature).is_err());
        assert!(!cache.has_table(key.verifying_key()));
        cache.verify(key.verifying_key(), &message, &signature).expect("a right signature");
        assert!(cache.has_table(key.verifying_key()));
    }
}

#[test]
fn threads_share_it() {
    let cache = cache(16, TableSize::Small);
    let keys: Vec<SigningKey> = (0..4).map(key).collect();
    thread::scope(|scope| {
        for thread in 0..4u32 {
            let (cache, keys) = (&cache, &keys);
            scope.spawn(move || {
                for number in 0..25 {
                    let key = &keys[((thread + number) % 4) as usize];
                    let (message, signature) = signed(key, number);
                    cache.verify(key.verifying_key(), &message, &signature).expect("a right signature");
                    assert!(cache.verify(key.verifying_key(), &self::message(number + 100), &signature).is_err());
                }
            });
        }
    });
    assert_eq!(cache.len(), 4);
    assert!(keys.iter().all(|key| cache.has_table(key.verifying_key())));
}

#[test]
fn tokens_are_checked() {
    let cache = cache(4, TableSize::Medium);
    let (account_index, slot) = (AccountIndex::new(5).expect("in range"), ApiKeyIndex::new(253).expect("in range"));
    let signer = TokenSigner::new(key(1), account_index, slot);
    for number in 0..5 {
        let deadline = UnixSeconds::new(1_795_248_000 + number).expect("in range");
        let token = signer.sign(deadline, &mut SysRng).expect("the system has randomness");
        let token = AuthToken::parse(token.expose_secret()).expect("a token");
        assert_eq!(cache.verify_token_signature(signer.verifying_key(), &token), Ok(()));
        let refusal = cache.verify_token_signature(key(2).verifying_key(), &token);
        assert_eq!(refusal, Err(TokenRefusal::InvalidSignature));
    }
    assert!(cache.has_table(signer.verifying_key()));
}
