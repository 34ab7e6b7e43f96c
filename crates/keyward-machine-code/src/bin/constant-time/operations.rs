//! What is done with secrets: signing, key generation, key text, and the arithmetic below them.

use std::hint::black_box;

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::{Fp, Fp5};
use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthTokenText, MessageHash, SigningKey, TokenSigner, TokenVerifier, UnixSeconds,
    key_from_seed_text, parse_private_key, private_key_text, sign_tokens,
};
use keyward_machine_code::FixedRng;
use keyward_machine_code::valgrind::{declassify, make_secret, secret, secret_bytes};
use keyward_schnorr::{AheadSigner, Signature, VerifyingKey};
use signature::hazmat::PrehashSigner;
use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::Operation;

pub(crate) const OPERATIONS: [Operation; 16] = [
    Operation { name: "generate a key", run: generate_key },
    Operation { name: "public key of a private key", run: public_key },
    Operation { name: "private key of a seed", run: key_from_seed },
    Operation { name: "private key to text and back", run: key_text },
    Operation { name: "sign", run: sign },
    Operation { name: "sign without randomness", run: sign_without_randomness },
    Operation { name: "sign with a given ephemeral scalar", run: sign_with_ephemeral },
    Operation { name: "sign a batch", run: sign_batch },
    Operation { name: "sign ahead", run: sign_ahead },
    Operation { name: "create a token", run: create_token },
    Operation { name: "create a batch of tokens", run: create_tokens },
    Operation { name: "multiply the generator", run: multiply_generator },
    Operation { name: "multiply any point", run: multiply_point },
    Operation { name: "point arithmetic", run: point_arithmetic },
    Operation { name: "scalar arithmetic", run: scalar_arithmetic },
    Operation { name: "field arithmetic and hash", run: field_arithmetic },
];

fn generate_key() {
    let key = SigningKey::generate(&mut FixedRng::secret(1)).expect("this generator never fails");
    must_be_secret(&*key.expose_secret());
    let public = public_key_of(&key);
    assert_eq!(VerifyingKey::from_bytes(&public.to_bytes()).expect("a public key").to_bytes(), public.to_bytes());
}

fn public_key() {
    let key = secret_key();
    // Before it is made public.
    must_be_secret(key.verifying_key());
    black_box(public_key_of(&key));
}

fn key_from_seed() {
    let key = SigningKey::from_seed(&FixedRng::secret(2).bytes::<32>()).expect("a seed");
    let mut digits = base16(&FixedRng::new(2).bytes::<32>());
    make_secret(digits.as_mut_str());
    let same = key_from_seed_text(&digits).expect("the same seed");
    must_be_secret(&*key.expose_secret());
    must_be_secret(&*same.expose_secret());
    assert_eq!(public_key_of(&key).to_bytes(), public_key_of(&same).to_bytes());
}

fn key_text() {
    let key = secret_key();
    let text = private_key_text(&key);
    must_be_secret(text.as_str());
    let read = parse_private_key(&text).expect("what was printed");
    must_be_secret(&*read.expose_secret());
    assert_eq!(public_key_of(&key).to_bytes(), public_key_of(&read).to_bytes());
}

fn sign() {
    let key = secret_key();
    let signature = key.sign(&message(), &mut FixedRng::secret(3)).expect("this generator never fails");
    must_verify(&key, signature);
}

fn sign_without_randomness() {
    let key = secret_key();
    let signature = key.sign_prehash(&message().to_bytes()).expect("a canonical message");
    must_verify(&key, signature);
}

fn sign_with_ephemeral() {
    let key = secret_key();
    let k = secret(Scalar::from_bytes_mod_order_wide(&FixedRng::new(4).bytes()));
    let signature = key.sign_with_ephemeral(&message(), &k).expect("k is not 0");
    must_verify(&key, signature);
}

/// Eight at a time, and the rest.
fn sign_batch() {
    let key = secret_key();
    let requests = [(&key, message()); 9];
    let mut signatures = Vec::new();
    keyward_schnorr::sign_batch(&requests, &mut FixedRng::secret(18), |signature| signatures.push(signature))
        .expect("this generator never fails");
    signatures.into_iter().for_each(|signature| must_verify(&key, signature));
}

fn sign_ahead() {
    let signer = AheadSigner::new(secret_key(), 3);
    signer.prepare(3, &mut FixedRng::secret(20)).expect("this generator never fails");
    for _ in 0..3 {
        must_verify(signer.signing_key(), signer.sign(&message()).expect("prepared"));
    }
}

fn create_token() {
    let (signer, deadline) = (signer(), deadline());
    // Its signature is put into hexadecimal digits while it is still a secret: with a token anybody can act.
    let token = signer.sign(deadline, &mut FixedRng::secret(5)).expect("this generator never fails");
    must_be_valid(&signer, token);
}

/// Eight at a time, and the rest.
fn create_tokens() {
    let (signer, deadline) = (signer(), deadline());
    let mut tokens = Vec::new();
    sign_tokens(&[(&signer, deadline); 9], &mut FixedRng::secret(19), |token| tokens.push(token))
        .expect("this generator never fails");
    tokens.into_iter().for_each(|token| must_be_valid(&signer, token));
}

fn multiply_generator() {
    for k in secret_scalars() {
        must_be_secret(&Point::mul_generator(&k).encode());
    }
    must_all_be_secret(Point::encode_batch(&Point::mul_generator_batch(&secret_scalars())));
}

fn multiply_point() {
    for k in secret_scalars() {
        let point = secret(Point::mul_generator(&Scalar::from_bytes_mod_order(&FixedRng::new(6).bytes())));
        must_be_secret(&(&point * &k).normalize());
    }
}

fn point_arithmetic() {
    let [p, q] =
        [7, 8].map(|seed| secret(Point::mul_generator(&Scalar::from_bytes_mod_order(&FixedRng::new(seed).bytes()))));
    must_all_be_secret([p + q, p - q, -p, p + p, p.double(), p.double_times(5), p.normalize()]);
    must_be_secret(&p.encode());
    let choices = [p.ct_eq(&q), p.is_neutral()];
    must_all_be_secret(choices);
    must_be_secret(&Point::conditional_select(&p, &q, choices[0] | choices[1]));
}

fn scalar_arithmetic() {
    for a in secret_scalars() {
        for b in secret_scalars() {
            must_all_be_secret([a + b, a - b, a * b, -a]);
            let choices = [a.ct_eq(&b), a.is_zero()];
            must_all_be_secret(choices);
            must_be_secret(&Scalar::conditional_select(&a, &b, choices[0] | choices[1]));
        }
        must_be_secret(&a.to_bytes());
        assert!(Scalar::from_bytes(&a.to_bytes()).is_some());
    }
    let mut rng = FixedRng::secret(9);
    must_all_be_secret([
        Scalar::from_bytes_mod_order(&rng.bytes()),
        Scalar::from_bytes_mod_order(&secret([0xff; 40])),
        Scalar::from_bytes_mod_order_wide(&rng.bytes()),
        Scalar::from_bytes_mod_order_wide(&secret([0xff; 64])),
        Scalar::from_challenge(&secret_fp5(10)),
    ]);
}

fn field_arithmetic() {
    let [a, b] = [11, 12].map(|seed| Fp::from_u64_mod_order(u64::from_le_bytes(FixedRng::secret(seed).bytes())));
    must_all_be_secret([a + b, a - b, a * b, -a, a.square(), a.double(), a.invert()]);
    must_be_secret(&a.to_bytes());
    must_be_secret(&a.ct_eq(&b));
    must_be_secret(&Fp::from_u128_mod_order(u128::from_le_bytes(FixedRng::secret(13).bytes())));
    let [x, y] = [14, 15].map(secret_fp5);
    must_all_be_secret([x + y, x - y, x * y, x * a, -x, x.square(), x.double(), x.invert()]);
    must_be_secret(&x.norm());
    must_be_secret(&x.to_bytes());
    let choices = [x.ct_eq(&y), x.is_zero()];
    must_all_be_secret(choices);
    must_be_secret(&Fp5::conditional_select(&x, &y, choices[0] | choices[1]));
    let input = [a, b, a, b, a, b, a, b, a, b, a];
    must_be_secret(&keyward_poseidon2::hash(&input));
    let mut hashes = [Fp5::ZERO; 9];
    keyward_poseidon2::hash_batch(&[input; 9], &mut hashes);
    must_all_be_secret(hashes);
}

/// A result is as secret as what it was made of: else its secret has not arrived, and that nothing is reported says nothing.
#[track_caller]
fn must_be_secret<T: ?Sized>(result: &T) {
    assert_ne!(secret_bytes(black_box(result)), 0, "a result depends on no secret");
}

#[track_caller]
fn must_all_be_secret<T, const N: usize>(results: [T; N]) {
    for result in &results {
        must_be_secret(result);
    }
}

/// A private key as it is read from 40 bytes, not declassified in any part.
fn secret_key() -> SigningKey {
    let bytes = Scalar::from_bytes_mod_order_wide(&FixedRng::new(16).bytes()).to_bytes();
    SigningKey::from_bytes(&secret(bytes)).expect("below the order and not 0")
}

/// The public key, which is public, though it is computed from the private one.
fn public_key_of(key: &SigningKey) -> VerifyingKey {
    declassify(*key.verifying_key())
}

/// The signature is handed out, and must be right: else what ran was something else.
fn must_verify(key: &SigningKey, signature: Signature) {
    must_be_secret(&signature);
    public_key_of(key).verify(&message(), &declassify(signature)).expect("a signature of this key");
}

/// In a token.
const SIGNATURE_DIGITS: usize = 2 * Signature::BYTE_SIZE;

/// The token is handed out, and must be right.
fn must_be_valid(signer: &TokenSigner, token: AuthTokenText) {
    let verifier = TokenVerifier::one_off(&public_key_of(signer.signing_key()));
    let now = UnixSeconds::new(1_795_240_000).expect("a time");
    // Some others are padding, which is undefined without being secret.
    assert!(secret_bytes(&token) >= SIGNATURE_DIGITS, "a token's signature depends on no secret");
    verifier.verify(&declassify(token).as_token(), now).expect("a token of this key");
}

fn signer() -> TokenSigner {
    TokenSigner::new(secret_key(), AccountIndex::new(5).expect("an account"), ApiKeyIndex::READ_ONLY_AUTH)
}

fn deadline() -> UnixSeconds {
    UnixSeconds::new(1_795_248_000).expect("a time")
}

/// What is signed is public.
fn message() -> MessageHash {
    MessageHash::of_text(b"1795248000:5:253").expect("ASCII")
}

/// Those at the ends of their range and those between: memcheck sees all paths only if each value takes the same one,
/// but what it sees at each step depends on the bits that it knows.
fn secret_scalars() -> [Scalar; 4] {
    let random = Scalar::from_bytes_mod_order_wide(&FixedRng::new(17).bytes());
    [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, random].map(secret)
}

fn secret_fp5(seed: u64) -> Fp5 {
    let mut rng = FixedRng::secret(seed);
    Fp5::from_coefficients(std::array::from_fn(|_| Fp::from_u64_mod_order(u64::from_le_bytes(rng.bytes()))))
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
