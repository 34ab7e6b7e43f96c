use core::arch::x86_64::__m512i;

use keyward_goldilocks::vector::{Factor5, Fp5x8, load};

use super::point::{B_Z, Pointx8};
use crate::Point;

/// The sum of all lanes.
///
/// Where fewer than eight additions are left, the lanes share the multiplications of one: 11 multiplications instead of 30.
#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(super) fn fold(points: &Pointx8) -> Point {
    let Pointx8 { x, z, u, t } = points;
    let x = x.reduce();

    let left = lanes([0, 1, 8, 9, 0, 1, 8, 9]);
    let right = lanes([4, 5, 12, 13, 12, 13, 4, 5]);
    let sums_0 = Pair::add(
        &Factor5::new(&x.pick(z, left)).mul(&x.pick(z, right)),
        &Factor5::new(&u.pick(t, left)).mul(&u.pick(t, right)),
    );
    let left = lanes([2, 3, 10, 11, 2, 3, 10, 11]);
    let right = lanes([6, 7, 14, 15, 14, 15, 6, 7]);
    let sums_1 = Pair::add(
        &Factor5::new(&x.pick(z, left)).mul(&x.pick(z, right)),
        &Factor5::new(&u.pick(t, left)).mul(&u.pick(t, right)),
    );

    let sums = Pair::add(
        &Factor5::new(&sums_0.0.permute(lanes([0, 1, 2, 3, 0, 1, 2, 3])))
            .mul(&sums_1.0.permute(lanes([0, 1, 2, 3, 2, 3, 0, 1]))),
        &Factor5::new(&sums_0.0.permute(lanes([4, 5, 6, 7, 4, 5, 6, 7])))
            .mul(&sums_1.0.permute(lanes([4, 5, 6, 7, 6, 7, 4, 5]))),
    );

    let products = Factor5::new(&sums.0.permute(lanes([0, 2, 0, 2, 4, 6, 4, 6])))
        .mul(&sums.0.permute(lanes([1, 3, 3, 1, 5, 7, 7, 5])));
    let sum = Pair::add(
        &products.permute(lanes([0, 0, 1, 1, 2, 2, 3, 3])),
        &products.permute(lanes([4, 4, 5, 5, 6, 6, 7, 7])),
    );
    let [x, _, z, _, u, _, t, _] = sum.0.store();
    Point { x, z, u, t }
}

/// Two points: the lanes are those of x, x', z, z', u, u', t, t'. Limbs are reduced.
struct Pair(Fp5x8);

impl Pair {
    /// The two sums, from the products of coordinates: lanes are of x1·x2, z1·z2, x1·z2 and z1·x2; u1·u2, t1·t2, u1·t2 and
    /// t1·u2; each of the two points by turns.
    ///
    /// With the names of eprint 2022/274, the sum is made of l = d·k, f = c·(2b·e + 2k), j = (d + 2c)·(e + k) and
    /// u = h·(b·b' − a).
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn add(xz: &Fp5x8, ut: &Fp5x8) -> Self {
        // The lanes of the factors and products; l's are the first two.
        const F: u8 = 0b0000_1100;
        const J: u8 = 0b0011_0000;
        const U: u8 = 0b1100_0000;
        // Those of the sums' coordinates; u's are between z's and t's.
        const X: u8 = 0b0000_0011;
        const Z: u8 = 0b0000_1100;
        const T: u8 = 0b1100_0000;

        // d, c, d + 2c, h.
        let more = ut.permute(lanes([0, 1, 0, 1, 0, 1, 6, 7]));
        let left = ut.permute(lanes([2, 3, 0, 1, 2, 3, 4, 5]));
        let left = left.blend(&left.add(&more), J | U);
        let left = left.blend(&left.add(&more), J);

        // k, 2b·e + 2k, e + k, b·b' − a, where k = a + b·b'.
        let a = xz.permute(lanes([0, 1, 0, 1, 0, 1, 0, 1]));
        let b = xz.permute(lanes([2, 3, 2, 3, 2, 3, 2, 3]));
        let e = xz.permute(lanes([4, 5, 4, 5, 4, 5, 4, 5])).add(&xz.permute(lanes([6, 7, 6, 7, 6, 7, 6, 7])));
        let a = a.blend(&Fp5x8::zero().sub_below::<33>(&a), U);
        let right = a.plus_times_z(&b.blend(&b.add(&e), F), B_Z);
        let right = right.blend(&right.add(&right), F);
        let right = right.blend(&right.add(&e), J);

        let products = Factor5::new(&left).mul(&right);
        // x = b·(j − l), z = l − f, u, t = l + f.
        let first = products.permute(lanes([4, 5, 0, 1, 6, 7, 0, 1]));
        let second = products.permute(lanes([0, 1, 2, 3, 2, 3, 2, 3]));
        let difference = first.sub_below::<33>(&second);
        let sums = first.blend(&first.add(&second), T).blend(&difference, X | Z);
        Self(sums.blend(&sums.times_z(B_Z), X).reduce())
    }
}

/// Indices of lanes, lane 0 first.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn lanes(indices: [u64; 8]) -> __m512i {
    load(&indices)
}
