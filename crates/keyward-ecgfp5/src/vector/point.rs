use keyward_goldilocks::vector::{Factor5, Fp5x8};
use core::arch::x86_64::__m512i;

use crate::Point;

const B_Z: u32 = crate::point::B_Z as u32;

/// Eight points, one in each lane: [`Point`]'s fractions.
///
/// # Invariant
///
/// Of the limbs: those of u are below 2^33, of z and t below 2^34 + 8, and x is 263·z times one like these.
#[derive(Clone, Copy)]
pub(super) struct Pointx8 {
    x: Fp5x8,
    z: Fp5x8,
    u: Fp5x8,
    t: Fp5x8,
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

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn from_affine(point: AffinePointx8) -> Self {
        use keyward_goldilocks::Fp5;
        let one = Fp5x8::splat(&Fp5::ONE);
        Self { x: point.x, z: one, u: point.u, t: one }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn permute(&self, lanes: __m512i) -> Self {
        Self { x: self.x.permute(lanes), z: self.z.permute(lanes), u: self.u.permute(lanes), t: self.t.permute(lanes) }
    }

    /// The sum with affine points, in 8 multiplications.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add_affine(&self, other: &AffinePointx8) -> Self {
        let Self { x, z, u, t } = *self;
        let (x2, u2) = (Factor5::new(other.x), Factor5::new(other.u));
        let e = x2.mul_add(z, x);
        let h = u2.mul_add(t, u);
        finish_addition(x2.mul(x), z, e, h, u2.mul(u), t)
    }

    /// The sum, in 10 multiplications.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add(&self, other: &Self) -> Self {
        let Self { x, z, u, t } = *self;
        let x2 = Factor5::new(other.x.reduce());
        let (z2, u2, t2) = (Factor5::new(other.z), Factor5::new(other.u), Factor5::new(other.t));
        let e = x2.mul_add(z, z2.mul(x));
        let h = u2.mul_add(t, t2.mul(u));
        finish_addition(x2.mul(x), z2.mul(z), e, h, u2.mul(u), t2.mul(t))
    }
}

/// What the two additions have in common, in 4 multiplications, with the names of eprint 2022/274.
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn finish_addition(a: Fp5x8, b: Fp5x8, e: Fp5x8, h: Fp5x8, c: Fp5x8, d: Fp5x8) -> Pointx8 {
    let k = a.plus_times_z(b, B_Z);
    let m = Fp5x8::zero().sub_below::<33>(a).plus_times_z(b, B_Z);
    let l = Factor5::new(d).mul(k);
    let f = Factor5::new(c).mul(k.add(k).plus_times_z(e, 2 * B_Z));
    let j_minus_l = Factor5::new(d.plus_times(c, 2)).mul_sub(e.add(k), l);
    Pointx8 { x: j_minus_l.times_z(B_Z), z: l.sub_below::<33>(f), u: Factor5::new(h).mul(m), t: l.add(f) }
}
