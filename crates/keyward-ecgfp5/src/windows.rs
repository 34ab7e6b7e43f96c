//! Scalars as signed digits.

use zeroize::{Zeroize, Zeroizing};

use crate::Scalar;
use crate::scalar::add;

/// Bits of a window of a fixed-base table.
pub(crate) const WIDTH: usize = 5;
/// Windows of a scalar.
pub(crate) const COUNT: usize = 64;
/// Digits lie in −`HALF`..=`HALF`, so a table needs the multiples from 1 to `HALF`.
pub(crate) const HALF: usize = 1 << (WIDTH - 1);

/// What turns the bits of windows into signed digits, once it is added to a scalar.
pub(crate) const OFFSET: [u64; 5] = offset(WIDTH, COUNT);

/// Σ 2^(`width` − 1)·2^(`width`·i) over all of `count` windows but the last: what turns a window's bits into a signed digit's,
/// so that no digit depends on the one before it.
pub(crate) const fn offset(width: usize, count: usize) -> [u64; 5] {
    let mut limbs = [0; 5];
    let mut i = 0;
    while i < count - 1 {
        let bit = width * i + width - 1;
        limbs[bit / 64] |= 1 << (bit % 64);
        i += 1;
    }
    limbs
}

/// The digits d with k = Σ d\[i\]·2^(`WIDTH`·i), lowest first. In constant time; wiped on drop.
pub(crate) struct SignedDigits([i8; COUNT]);

impl SignedDigits {
    pub(crate) fn new(scalar: &Scalar) -> Self {
        // Below 2^319 + 2^315.
        let mut limbs = add(scalar.limbs(), &OFFSET);
        let mut digits = [0; COUNT];
        for (i, digit) in digits.iter_mut().enumerate() {
            let (limb, shift) = (WIDTH * i / 64, WIDTH * i % 64);
            let mut bits = limbs[limb] >> shift;
            if shift > 64 - WIDTH {
                bits |= limbs[limb + 1] << (64 - shift);
            }
            *digit = (bits & ((1 << WIDTH) - 1)) as i8 - HALF as i8;
        }
        // The last window carries no offset.
        digits[COUNT - 1] += HALF as i8;
        limbs.zeroize();
        Self(digits)
    }

    pub(crate) fn as_array(&self) -> &[i8; COUNT] {
        &self.0
    }
}

impl Drop for SignedDigits {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The odd digits d with k = Σ d\[i\]·2^(`width`·i) mod n, lowest first, for a `width` of 5 or 8 bits: no digit is 0, and a
/// table of odd multiples is enough for them. In constant time; wiped on drop.
///
/// There are 320/`width` digits. Each stands as its place c in −(2^`width` − 1), …, −3, −1, 1, 3, …, 2^`width` − 1, so that
/// d = 2c − (2^`width` − 1).
#[inline(always)]
pub(crate) fn odd_digits(scalar: &Scalar, width: usize) -> Zeroizing<[u8; COUNT]> {
    // An odd integer below 2^320 is a sum of ±2^j for j in 0..320: the sign of 2^j is + where bit j + 1 is set, and always
    // for j = 319. A window's signs make up its digit.
    let mut limbs = scalar.odd_limbs();
    let mut digits = Zeroizing::new([0; COUNT]);
    let count = 320 / width;
    for (i, digit) in digits[..count].iter_mut().enumerate() {
        let bit = width * i + 1;
        let (limb, shift) = (bit / 64, bit % 64);
        let mut bits = limbs[limb] >> shift;
        if shift > 64 - width && limb < 4 {
            bits |= limbs[limb + 1] << (64 - shift);
        }
        *digit = (bits & ((1 << width) - 1)) as u8;
    }
    digits[count - 1] |= 1 << (width - 1);
    limbs.zeroize();
    digits
}

/// The [`odd_digits`] of four scalars, each window's together, for the windows of a fixed-base table. In constant time; wiped on drop.
///
/// Not part of the vector code that takes them, in whose listing all jumps must be ends of counted loops.
#[cfg(all(feature = "vector", target_arch = "x86_64", not(any(miri, target_os = "none", target_os = "uefi"))))]
#[inline(never)]
pub(crate) fn odd_digits_x4(scalars: &[&Scalar; 4]) -> Zeroizing<[[u8; 4]; COUNT]> {
    let mut digits = Zeroizing::new([[0; 4]; COUNT]);
    for (lane, scalar) in scalars.iter().enumerate() {
        for (four, digit) in digits.iter_mut().zip(&*odd_digits(scalar, WIDTH)) {
            four[lane] = *digit;
        }
    }
    digits
}

/// Width of the non-adjacent form: its digits are 0 or odd, in −(2^(w − 1) − 1)..=2^(w − 1) − 1.
pub(crate) const NAF_WIDTH: usize = 5;

/// The non-adjacent form of a public scalar: its digits that are not 0, highest first, each with how many places it is above the
/// next one; the last one above the ones. Of [`NAF_WIDTH`] neighbouring places at most one has such a digit. In variable time.
pub(crate) fn naf_vartime(scalar: &Scalar) -> impl Iterator<Item = (i8, u32)> {
    const MODULUS: u64 = 1 << NAF_WIDTH;

    let mut digits = [(0, 0); 320 / NAF_WIDTH];
    let mut count = 0;
    let limbs = scalar.limbs();
    let mut carry = 0;
    let (mut position, mut position_before) = (0, 0);
    while position < 320 {
        let (limb, shift) = (position / 64, position % 64);
        let mut bits = limbs[limb] >> shift;
        if shift > 64 - NAF_WIDTH && limb < 4 {
            bits |= limbs[limb + 1] << (64 - shift);
        }
        let window = carry + (bits & (MODULUS - 1));
        if window & 1 == 0 {
            position += 1;
            continue;
        }
        carry = u64::from(window >= MODULUS / 2);
        digits[count] = (window as i8 - (carry * MODULUS) as i8, (position - position_before) as u32);
        count += 1;
        position_before = position;
        position += NAF_WIDTH;
    }
    debug_assert!(carry == 0, "a scalar's top bit is 0");
    digits.into_iter().take(count).rev()
}
