use keyward_goldilocks::Fp5;
use keyward_goldilocks::vector::{Factor5, Fp5x8};

use crate::Point;

pub(super) const B_Z: u32 = crate::point::B_Z as u32;

/// Eight points, one in each lane: [`Point`]'s fractions.
///
/// # Invariant
///
/// Of the limbs: those of u are below 2^33, of z and t below 2^34 + 8, and x is 263·z times one like these.
#[derive(Clone, Copy)]
pub(super) struct Pointx8 {
    pub(super) x: Fp5x8,
    pub(super) z: Fp5x8,
    pub(super) u: Fp5x8,
    pub(super) t: Fp5x8,
}

/// Eight affine points, one in each lane, as they come from a table: limbs are below 2^32.
pub(super) struct AffinePointx8 {
    pub(super) x: Fp5x8,
    pub(super) u: Fp5x8,
}

impl Pointx8 {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn store(&self) -> [Point; 8] {
        let (x, z, u, t) = (self.x.store(), self.z.store(), self.u.store(), self.t.store());
        core::array::from_fn(|i| Point { x: x[i], z: z[i], u: u[i], t: t[i] })
    }

    /// The sum of affine points, in 5 multiplications.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn sum(p: &AffinePointx8, q: &AffinePointx8) -> Self {
        let one = Fp5x8::splat(&Fp5::ONE);
        let a = Factor5::new(&p.x).mul(&q.x);
        let c = Factor5::new(&p.u).mul(&q.u);
        let (e, h) = (p.x.add(&q.x), p.u.add(&q.u));
        let k = a.plus_times_z(&one, B_Z);
        let m = Fp5x8::zero().sub_below::<33>(&a).plus_times_z(&one, B_Z);
        let f = Factor5::new(&c).mul(&k.add(&k).plus_times_z(&e, 2 * B_Z));
        let j_minus_l = Factor5::new(&one.plus_times(&c, 2)).mul_sub(&e.add(&k), &k);
        Self { x: j_minus_l.times_z(B_Z), z: k.sub_below::<33>(&f), u: Factor5::new(&h).mul(&m), t: k.add(&f) }
    }

    /// Adds affine points, in 8 multiplications.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add_affine(&mut self, other: &AffinePointx8) {
        let Self { x, z, u, t } = self;
        // The names are those of eprint 2022/274; b = 1·z, d = 1·t.
        let (a, e) = {
            let x2 = Factor5::new(&other.x);
            (x2.mul(x), x2.mul_add(z, x))
        };
        let k = a.plus_times_z(z, B_Z);
        let m = Fp5x8::zero().sub_below::<33>(&a).plus_times_z(z, B_Z);
        let (c, h) = {
            let u2 = Factor5::new(&other.u);
            (u2.mul(u), u2.mul_add(t, u))
        };
        *u = Factor5::new(&h).mul(&m);
        let l = Factor5::new(t).mul(&k);
        *x = Factor5::new(&t.plus_times(&c, 2)).mul_sub(&e.add(&k), &l).times_z(B_Z);
        let f = Factor5::new(&c).mul(&k.add(&k).plus_times_z(&e, 2 * B_Z));
        *z = l.sub_below::<33>(&f);
        *t = l.add(&f);
    }
}
