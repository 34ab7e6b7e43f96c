use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use keyward_ecgfp5::{Point, Scalar};
use keyward_machine_code::FixedRng;
use keyward_schnorr::{MessageHash, SigningKey};

/// Bytes of the secret that an operation is prepared with; those of the fixed class are 0.
pub(crate) type Secret = [u8; 64];

/// Something to time.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    /// Whether its time depends on the secret, on purpose.
    pub(crate) leaks: bool,
    /// Takes in the secret; not timed.
    pub(crate) prepare: Box<dyn FnMut(&Secret)>,
    pub(crate) run: Box<dyn FnMut()>,
}

impl Operation {
    /// An operation on what `prepare` makes of the secret, which is put in one place for all of them.
    fn new<T: 'static>(
        name: &'static str,
        mut prepare: impl FnMut(&Secret) -> T + 'static,
        mut run: impl FnMut(&T) + 'static,
    ) -> Self {
        let place = Rc::new(RefCell::new(prepare(&[0; 64])));
        let prepared = Rc::clone(&place);
        Self {
            name,
            leaks: false,
            prepare: Box::new(move |secret| *place.borrow_mut() = prepare(secret)),
            run: Box::new(move || run(black_box(&prepared.borrow()))),
        }
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![multiply_generator(), sign(), sign_batch(), leak()]
}

fn multiply_generator() -> Operation {
    Operation::new("multiply the generator", scalar, |k| {
        black_box(Point::mul_generator(k));
    })
}

/// Key and randomness are secret, the message is not.
fn sign() -> Operation {
    let message = MessageHash::of_text(b"1795248000:5:253").expect("ASCII");
    Operation::new("sign", key_and_randomness, move |(key, rng)| {
        black_box(key.sign(&message, &mut *rng.borrow_mut()).expect("this generator never fails"));
    })
}

/// Eight at a time.
fn sign_batch() -> Operation {
    let message = MessageHash::of_text(b"1795248000:5:253").expect("ASCII");
    Operation::new("sign a batch of 8", key_and_randomness, move |(key, rng)| {
        keyward_schnorr::sign_batch(&[(key, message); 8], &mut *rng.borrow_mut(), |signature| {
            black_box(signature);
        })
        .expect("this generator never fails");
    })
}

/// The multiplication for public scalars.
fn leak() -> Operation {
    let leak = Operation::new("multiply a point in variable time", scalar, |k| {
        black_box(Point::mul_generator_add_vartime(&Scalar::ONE, k, &Point::GENERATOR));
    });
    Operation { leaks: true, ..leak }
}

/// 1 for the fixed class.
fn scalar(secret: &Secret) -> Scalar {
    Scalar::from_bytes_mod_order_wide(secret) + Scalar::ONE
}

fn key_and_randomness(secret: &Secret) -> (SigningKey, RefCell<FixedRng>) {
    let key = SigningKey::from_bytes(&scalar(secret).to_bytes()).expect("not 0");
    (key, RefCell::new(FixedRng::new(u64::from_le_bytes(*secret.first_chunk().expect("64 bytes")))))
}
