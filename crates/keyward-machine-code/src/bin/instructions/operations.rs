use std::ffi::CStr;
use std::hint::black_box;

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::Fp;
use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthToken, MessageHash, PreparedVerifyingKey, Signature, SigningKey, TokenSigner,
    UnixSeconds, VerifyingKey,
};
use keyward_machine_code::FixedRng;

/// So many signatures are verified, since the time of one depends on its bits.
const SIGNATURES: u32 = 16;

/// An operation with its inputs.
pub(crate) struct Operation {
    pub(crate) name: &'static CStr,
    /// How often it is done while it is counted.
    pub(crate) repeats: u32,
    pub(crate) run: Box<dyn FnMut()>,
}

impl Operation {
    fn new(name: &'static CStr, repeats: u32, run: impl FnMut() + 'static) -> Self {
        Self { name, repeats, run: Box::new(run) }
    }
}

pub(crate) fn operations() -> [Operation; 11] {
    [
        create_token(),
        parse_token(),
        sign(),
        generate_key(),
        verify_unknown(),
        verify_decoded(),
        verify_prepared(),
        build_table(),
        multiply_generator(),
        multiply_point(),
        permute(),
    ]
}

fn create_token() -> Operation {
    let signer = TokenSigner::new(key(), AccountIndex::MAX, ApiKeyIndex::READ_ONLY_AUTH);
    let mut rng = FixedRng::new(1);
    Operation::new(c"create a token", 1, move || {
        black_box(signer.sign(black_box(deadline()), &mut rng).expect("this generator never fails"));
    })
}

fn parse_token() -> Operation {
    let signer = TokenSigner::new(key(), AccountIndex::MAX, ApiKeyIndex::READ_ONLY_AUTH);
    let token = signer.sign(deadline(), &mut FixedRng::new(2)).expect("this generator never fails");
    Operation::new(c"parse a token", 1, move || {
        black_box(AuthToken::parse(black_box(token.expose_secret())).expect("a token"));
    })
}

fn sign() -> Operation {
    let (key, mut rng) = (key(), FixedRng::new(3));
    Operation::new(c"sign", 1, move || {
        black_box(key.sign(black_box(&message(0)), &mut rng).expect("this generator never fails"));
    })
}

fn generate_key() -> Operation {
    let mut rng = FixedRng::new(4);
    Operation::new(c"generate a key", 1, move || {
        black_box(SigningKey::generate(&mut rng).expect("this generator never fails"));
    })
}

/// From bytes, as it arrives.
fn verify_unknown() -> Operation {
    let key = key().verifying_key().to_bytes();
    verify(c"verify, unknown key", move |message, signature| {
        let key = VerifyingKey::from_bytes(black_box(&key)).expect("a key");
        key.verify(message, signature).expect("a signature of this key");
    })
}

fn verify_decoded() -> Operation {
    let key = *key().verifying_key();
    verify(c"verify, decoded key", move |message, signature| {
        black_box(&key).verify(message, signature).expect("a signature of this key");
    })
}

fn verify_prepared() -> Operation {
    let key = Box::new(PreparedVerifyingKey::new(key().verifying_key()));
    verify(c"verify, key with a table", move |message, signature| {
        black_box(&key).verify(message, signature).expect("a signature of this key");
    })
}

fn verify(name: &'static CStr, check: impl Fn(&MessageHash, &Signature) + 'static) -> Operation {
    let (key, mut rng) = (key(), FixedRng::new(5));
    let sign = |number| (message(number), key.sign(&message(number), &mut rng).expect("this generator never fails"));
    let signed: Vec<(MessageHash, Signature)> = (0..SIGNATURES).map(sign).collect();
    let mut next = 0..;
    Operation::new(name, SIGNATURES, move || {
        let (message, signature) = &signed[next.next().expect("endless") % signed.len()];
        check(black_box(message), black_box(signature));
    })
}

fn build_table() -> Operation {
    let key = *key().verifying_key();
    Operation::new(c"build a key's table", 1, move || {
        black_box(PreparedVerifyingKey::new(black_box(&key)));
    })
}

fn multiply_generator() -> Operation {
    let k = scalar(6);
    Operation::new(c"multiply the generator", 1, move || {
        black_box(Point::mul_generator(black_box(&k)));
    })
}

fn multiply_point() -> Operation {
    let (point, k) = (Point::mul_generator(&scalar(7)), scalar(8));
    Operation::new(c"multiply any point", 1, move || {
        black_box(black_box(&point) * black_box(&k));
    })
}

fn permute() -> Operation {
    let mut rng = FixedRng::new(9);
    let mut state = [(); 12].map(|()| Fp::from_u64_mod_order(u64::from_le_bytes(rng.bytes())));
    Operation::new(c"Poseidon2 permutation", 1, move || keyward_poseidon2::permute(black_box(&mut state)))
}

fn key() -> SigningKey {
    SigningKey::generate(&mut FixedRng::new(10)).expect("this generator never fails")
}

fn scalar(seed: u64) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&FixedRng::new(seed).bytes())
}

fn deadline() -> UnixSeconds {
    UnixSeconds::new(1_795_248_000).expect("a time")
}

fn message(number: u32) -> MessageHash {
    MessageHash::of_text(format!("1795248000:{number}:253").as_bytes()).expect("ASCII")
}
