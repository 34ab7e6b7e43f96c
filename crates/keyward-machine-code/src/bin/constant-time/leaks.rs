//! What must be reported: a check that finds nothing may be one that looks at nothing.

use std::hint::black_box;

use keyward_machine_code::FixedRng;

use crate::Operation;

pub(crate) const LEAKS: [Operation; 3] = [
    Operation { name: "jump", run: jump },
    Operation { name: "address", run: address },
    Operation { name: "comparison", run: comparison },
];

/// Branches on a bit of a secret.
fn jump() {
    let [byte] = FixedRng::secret(1).bytes();
    // Kept a jump by what stands in only one of its arms.
    if byte & 1 == 1 {
        black_box(byte);
    }
}

/// Looks a secret up in a table.
fn address() {
    let [byte] = FixedRng::secret(2).bytes();
    let table = black_box([7u32; 256]);
    black_box(table[usize::from(byte)]);
}

/// Compares two secrets by `==`, which stops at the first difference.
fn comparison() {
    let mut rng = FixedRng::secret(3);
    let (one, other) = (rng.bytes::<40>(), rng.bytes::<40>());
    if one == other {
        black_box(one);
    }
}
