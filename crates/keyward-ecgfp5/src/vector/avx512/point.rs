use keyward_goldilocks::Fp5;
use keyward_goldilocks::vector::{Factor5, Fp5x8};

use crate::Point;

/// [`B_Z`](crate::point::B_Z), as the vector code takes factors.
pub(super) const B_Z: u32 = crate::point::B_Z as u32;

/// Eight points, one in each lane, as [`Point`]'s fractions.
///
/// # Invariant
///
/// Limbs of u, and of x / 263·z, are those of a product, below 2^33; those of z and t, a sum or difference of two products,
/// are not above 2^34 + 2^9. So no sum of products below comes near its limit of 2^83: the largest, of
///(d + 2c)·(e + k), is below 2^82.96. Debug builds check it.
pub(super) struct Pointx8 {
    pub(super) x: Fp5x8,
    pub(super) z: Fp5x8,
    pub(super) u: Fp5x8,
    pub(super) t: Fp5x8,
}

/// Eight affine points, one in each lane, of which (0, 0) is the neutral. Limbs are below 2^32.
pub(super) struct AffinePointx8 {
    pub(super) x: Fp5x8,
    pub(super) u: Fp5x8,
}

/// Eight [torsion points](crate::torsion::TorsionPoint), one in each lane. Limbs are below 2^32.
pub(super) struct TorsionPointx8 {
    pub(super) x: Fp5x8,
    pub(super) y: Fp5x8,
}

// The formulas are `Point`'s, with the names of eprint 2022/274: a = x1·x2, b = z1·z2, c = u1·u2, d = t1·t2. Here b is 1 or
// z, and d is 1 or t.
impl Pointx8 {
    /// The sum of affine points, in 5 multiplications.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn sum(p: &AffinePointx8, q: &AffinePointx8) -> Self {
        let one = Fp5x8::splat(&Fp5::ONE);
        let (e, h) = (p.x.add(&q.x), p.u.add(&q.u));
        let a = Factor5::new(&p.x).mul(&q.x);
        let c = Factor5::new(&p.u).mul(&q.u);
        let k = a.plus_times_z(&one, B_Z);
        let m = Fp5x8::zero().sub_below::<33>(&a).plus_times_z(&one, B_Z);
        let f = Factor5::new(&c).mul(&k.add(&k).plus_times_z(&e, 2 * B_Z));
        let j_minus_k = Factor5::new(&one.plus_times(&c, 2)).mul_sub(&e.add(&k), &k);
        Self { x: j_minus_k.times_z(B_Z), z: k.sub_below::<33>(&f), u: Factor5::new(&h).mul(&m), t: k.add(&f) }
    }

    /// Adds affine points, in 8 multiplications.
    // Once in the program, not once for each way to multiply.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add_affine(&mut self, other: &AffinePointx8) {
        let Self { x, z, u, t } = self;
        let (a, e) = {
            let x2 = Factor5::new(&other.x);
            (x2.mul(x), x2.mul_add(z, x))
        };
        let (c, h) = {
            let u2 = Factor5::new(&other.u);
            (u2.mul(u), u2.mul_add(t, u))
        };
        let k = a.plus_times_z(z, B_Z);
        let m = Fp5x8::zero().sub_below::<33>(&a).plus_times_z(z, B_Z);
        *u = Factor5::new(&h).mul(&m);
        let l = Factor5::new(t).mul(&k);
        *x = Factor5::new(&t.plus_times(&c, 2)).mul_sub(&e.add(&k), &l).times_z(B_Z);
        let f = Factor5::new(&c).mul(&k.add(&k).plus_times_z(&e, 2 * B_Z));
        *z = l.sub_below::<33>(&f);
        *t = l.add(&f);
    }

    /// Adds the elements that (0, 0) was added to, in 10 multiplications: [`Point::add_torsion`].
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn add_torsion(&mut self, other: &TorsionPointx8) {
        // The other's coordinates are (b : x : −x : y).
        let Self { x, z, u, t } = self;
        let (x2, y2) = (Factor5::new(&other.x), Factor5::new(&other.y));
        let (c, d) = (Fp5x8::zero().sub_below::<33>(&x2.mul(u)), y2.mul(t));
        let zx = x2.mul(z);
        let e = x2.mul_add(x, &z.times_z(B_Z));
        let h = y2.mul_sub(u, &x2.mul(t));
        let x1 = x.reduce();
        // Reduced, as here it is a product by b twice.
        let k = x1.add(&zx).times_z(B_Z).reduce();
        let m = zx.sub(&x1).times_z(B_Z);
        *u = Factor5::new(&h).mul(&m);
        let l = Factor5::new(&d).mul(&k);
        *x = Factor5::new(&d.plus_times(&c, 2)).mul_sub(&e.add(&k), &l).times_z(B_Z);
        let f = Factor5::new(&c).mul(&k.add(&k).plus_times_z(&e, 2 * B_Z));
        *z = l.sub_below::<33>(&f);
        *t = l.add(&f);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(super) fn store(&self) -> [Point; 8] {
        let (x, z, u, t) = (self.x.store(), self.z.store(), self.u.store(), self.t.store());
        core::array::from_fn(|i| Point { x: x[i], z: z[i], u: u[i], t: t[i] })
    }
}

#[cfg(test)]
#[expect(unsafe_code, reason = "the way into functions with target features")]
mod tests {
    use core::arch::x86_64::_mm512_set1_epi64;

    use keyward_goldilocks::vector::{Avx512, Fp5x8, Fpx8};
    use keyward_goldilocks::{Fp, Fp5};
    use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

    use super::super::fold::fold;
    use super::{AffinePointx8, B_Z, Pointx8, TorsionPointx8};
    use crate::Point;
    use crate::point::AffinePoint;
    use crate::torsion::TorsionPoint;

    fn elements() -> impl Strategy<Value = [Fp5; 8]> {
        let word =
            || prop_oneof![any::<u64>(), prop::sample::select(&[0, 1, Fp::MODULUS - 1, Fp::MODULUS, u64::MAX][..])];
        prop::array::uniform8(prop::array::uniform5(word()))
            .prop_map(|words| words.map(|words| Fp5::from_coefficients(words.map(Fp::from_u64_mod_order))))
    }

    fn assert_same(points: &[Point; 8], expected: &[Point; 8]) {
        for (point, expected) in points.iter().zip(expected) {
            assert_eq!([point.x, point.z, point.u, point.t], [expected.x, expected.z, expected.u, expected.t]);
        }
    }

    /// The formulas are polynomials, so they may be compared for coordinates of no point.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check([x, z, u, t, x2, u2]: &[[Fp5; 8]; 6]) {
        let affine = |x: &[Fp5; 8], u: &[Fp5; 8]| -> [AffinePoint; 8] {
            core::array::from_fn(|i| AffinePoint { x: x[i], u: u[i] })
        };
        let (first, second) = (affine(x, u), affine(x2, u2));
        let load = |x: &[Fp5; 8], u: &[Fp5; 8]| AffinePointx8 { x: Fp5x8::load(x), u: Fp5x8::load(u) };
        let sum = Pointx8::sum(&load(x, u), &load(x2, u2));
        assert_same(&sum.store(), &core::array::from_fn(|i| Point::from(first[i]).add_affine(&second[i])));

        let mut sum = Pointx8 { x: Fp5x8::load(x), z: Fp5x8::load(z), u: Fp5x8::load(u), t: Fp5x8::load(t) };
        let mut expected: [Point; 8] = core::array::from_fn(|i| Point { x: x[i], z: z[i], u: u[i], t: t[i] });
        for _ in 0..3 {
            sum.add_affine(&load(x2, u2));
            expected = core::array::from_fn(|i| expected[i].add_affine(&second[i]));
            assert_same(&sum.store(), &expected);
        }

        let torsion = TorsionPointx8 { x: Fp5x8::load(x2), y: Fp5x8::load(u2) };
        for _ in 0..3 {
            sum.add_torsion(&torsion);
            expected = core::array::from_fn(|i| expected[i].add_torsion(&TorsionPoint { x: x2[i], y: u2[i] }));
            assert_same(&sum.store(), &expected);
        }

        let [p0, p1, p2, p3, p4, p5, p6, p7] = expected;
        let total = ((p0 + p4) + (p2 + p6)) + ((p1 + p5) + (p3 + p7));
        assert_same(&[fold(&sum); 8], &[total; 8]);
    }

    /// All limbs as large as the invariant has them.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check_largest() {
        let element = |l: i64, h: i64| {
            Fp5x8::from_coefficients([Fpx8::from_limbs(_mm512_set1_epi64(l), _mm512_set1_epi64(h)); 5])
        };
        let product = element((1 << 33) - 1, (1 << 32) + (1 << 27));
        let sum = element((1 << 34) + (1 << 9), (1 << 34) + (1 << 9));
        let word = element((1 << 32) - 1, (1 << 32) - 1);
        let largest = || Pointx8 { x: product.times_z(B_Z), z: sum, u: product, t: sum };
        let mut point = largest();
        let [Point { x, z, u, t }, ..] = point.store();
        let point_2 = AffinePoint { x: word.store()[0], u: word.store()[0] };
        point.add_affine(&AffinePointx8 { x: word, u: word });
        assert_same(&point.store(), &[Point { x, z, u, t }.add_affine(&point_2); 8]);
        let mut point = largest();
        point.add_torsion(&TorsionPointx8 { x: word, y: word });
        let torsion = TorsionPoint { x: word.store()[0], y: word.store()[0] };
        assert_same(&point.store(), &[Point { x, z, u, t }.add_torsion(&torsion); 8]);
        let point = Point { x, z, u, t };
        let two = point + point;
        assert_same(&[fold(&largest()); 8], &[(two + two) + (two + two); 8]);
    }

    #[test]
    fn the_largest_limbs() {
        if Avx512::detect().is_some() {
            // SAFETY: the processor has the target features.
            unsafe { check_largest() }
        }
    }

    proptest! {
        #[test]
        fn the_formulas_are_those_of_the_portable_code(coordinates in prop::array::uniform6(elements())) {
            if Avx512::detect().is_some() {
                // SAFETY: the processor has the target features.
                unsafe { check(&coordinates) }
            }
        }
    }
}
