//! A multiple of any one point. Doublings are one after the other, so that there is nothing for lanes to do side by side but the
//! products of one: in each step up to four.

use keyward_goldilocks::vector::{SplitFp5x4, order};

use super::point::B_Z;
use crate::Point;
use crate::point::AffinePoint;

/// From the neutral on adds each point and doubles the sum so many times. The time depends on the numbers only.
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
pub(crate) fn add_and_double_vartime(steps: &[(AffinePoint, u32)]) -> Point {
    let Point { x, z, u, t } = Point::NEUTRAL;
    let mut sum = Fractions(SplitFp5x4::load(&[x, z, u, t]));
    for (point, doublings) in steps {
        sum = sum.add_affine(point).double_times_vartime(*doublings);
    }
    sum.store()
}

/// The coordinates x, z, u and t of a [`Point`].
///
/// # Invariant
///
/// Limbs of x are reduced, those of u below 2^34, of z not above 2^34 + 2^9, of t below 2^37.
struct Fractions(SplitFp5x4);

impl Fractions {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn store(&self) -> Point {
        let [x, z, u, t] = self.0.store();
        Point { x, z, u, t }
    }

    /// [`Point::add_affine`], in two steps, with its names.
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn add_affine(&self, AffinePoint { x, u }: &AffinePoint) -> Self {
        let point = &self.0;
        // x·x2, z·x2, c, t·u2.
        let products = point.mul(&SplitFp5x4::load(&[*x, *x, *u, *u]));
        // e and h are in lanes 1 and 3.
        let e_h = products.add(&point.permute::<{ order([0, 0, 2, 2]) }>());
        let e = e_h.permute::<{ order([1; 4]) }>();
        let minus_xx = SplitFp5x4::zero().sub_below::<33>(&products);
        // k, but m in lane 2.
        let k_m = products
            .permute::<{ order([0; 4]) }>()
            .replace::<{ order([0; 4]) }>(0b0100, &minus_xx)
            .plus_times_z(&point.permute::<{ order([1; 4]) }>(), B_Z)
            .reduce();
        // d + 2c, d, h, c.
        let left = point
            .permute::<{ order([3; 4]) }>()
            .add_where(0b0001, &products.add(&products).permute::<{ order([2; 4]) }>())
            .replace::<{ order([3; 4]) }>(0b0100, &e_h)
            .replace::<{ order([2; 4]) }>(0b1000, &products);
        // e + k, k, m, 2b·e + 2k.
        let right = k_m.add_where(0b0001, &e).blend(0b1000, &k_m.add(&k_m).plus_times_z(&e, 2 * B_Z).reduce());
        // j, l, u, f.
        let products = left.mul(&right);
        // x = b·(j − l), z = l − f, u, t = l + f.
        let first = products.permute::<{ order([0, 1, 2, 1]) }>();
        let second = products.permute::<{ order([1, 3, 3, 3]) }>();
        let difference = first.sub_below::<33>(&second);
        let x = SplitFp5x4::zero().plus_times_z(&difference, B_Z).reduce();
        Self(first.add_where(0b1000, &second).blend(0b0010, &difference).blend(0b0001, &x))
    }

    /// 2^`n` times the point: [`Point::double_times`].
    #[inline(never)]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn double_times_vartime(self, n: u32) -> Self {
        if n == 0 {
            return self;
        }
        let mut double = self.double();
        for _ in 1..n {
            double = double.into_jacobian().double();
        }
        double.into_fractions()
    }

    /// [`Point::double`], in three steps, with its names.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn double(&self) -> Double {
        let point = &self.0;
        // u in lane 1, t in the others.
        let t_u = point.permute::<{ order([3, 2, 3, 3]) }>();
        // α, u².
        let products = point.permute::<{ order([1, 2, 1, 1]) }>().mul(&t_u);
        let sum = point.permute::<{ order([0; 4]) }>().add(&point.permute::<{ order([1; 4]) }>());
        let minus_twice = SplitFp5x4::zero().sub_below::<37>(&sum.add(&sum));
        // α·t = β, α·u = ζ, −2(x + z)·u² = ω − β.
        let left = products.permute::<{ order([0; 4]) }>().replace::<{ order([0; 4]) }>(0b0100, &minus_twice);
        let products = left.mul(&t_u.replace::<{ order([1; 4]) }>(0b0100, &products));
        let omega = products.add(&products.permute::<{ order([0; 4]) }>());
        // ω, β, ω, ζ.
        let left = products.permute::<{ order([0, 0, 0, 1]) }>().replace::<{ order([2; 4]) }>(0b0101, &omega);
        // ωζ, β², ω², ζ².
        let products = left.mul(&left.replace::<{ order([3; 4]) }>(0b0001, &left));
        let (beta2, omega2, zeta2) = (
            products.permute::<{ order([1; 4]) }>(),
            products.permute::<{ order([2; 4]) }>(),
            products.permute::<{ order([3; 4]) }>(),
        );
        let twice_zeta2 = zeta2.add(&zeta2);
        let t = beta2.add(&beta2).sub_below::<36>(&twice_zeta2.add(&twice_zeta2).add(&omega2));
        Double { products, t }
    }
}

/// A point that is a double, not yet in one form or the other: from the double of [`Point`] or from that of Jacobian coordinates.
struct Double {
    /// u / 2, anything, z and x / 4b: these are the Jacobian coordinates Z / 2, anything, and the root of E. They are products.
    products: SplitFp5x4,
    /// In each lane t, which is W as well. Limbs are below 2^37.
    t: SplitFp5x4,
}

impl Double {
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn into_jacobian(self) -> Jacobian {
        let products = self.products.permute::<{ order([0, 0, 0, 2]) }>();
        Jacobian(products.add_where(0b0001, &products).blend(0b0110, &self.t))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn into_fractions(self) -> Fractions {
        let products = self.products.permute::<{ order([3, 2, 0, 0]) }>();
        let x = SplitFp5x4::zero().plus_times_z(&products, 4 * B_Z).reduce();
        Fractions(products.add_where(0b0100, &products).blend(0b0001, &x).blend(0b1000, &self.t))
    }
}

/// The coordinates Z, W, W again, and the root of E, of a `JacobianPoint` of [`crate::point`].
///
/// # Invariant
///
/// Limbs are below 2^37.
struct Jacobian(SplitFp5x4);

impl Jacobian {
    /// The formula of `JacobianPoint` for twice its coordinates, so that nothing is halved: Z' = 2·W·Z·D, W' = D² − 2·W²·S and
    /// E' = (D²)².
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn double(&self) -> Double {
        const A: () = assert!(crate::point::A == 2);
        let () = A;
        let point = &self.0;
        // α, γ, W·Z, E.
        let products = point.mul(&point.replace::<{ order([0; 4]) }>(0b0100, point));
        // α + E, but α in lane 1.
        let alpha = products.permute::<{ order([0; 4]) }>().add_where(0b1101, &products.permute::<{ order([3; 4]) }>());
        // D, S, D.
        let d_s = products.permute::<{ order([1; 4]) }>().sub_below::<35>(&alpha.add(&alpha));
        // W·Z, γ, D, W·Z.
        let left = products.permute::<{ order([2, 1, 2, 2]) }>().blend(0b0100, &d_s);
        // W·Z·D, γ·S, D², (W·Z)².
        let products = left.mul(&d_s.replace::<{ order([2; 4]) }>(0b1000, &products));
        let gamma_s = products.permute::<{ order([1; 4]) }>();
        let t = products.permute::<{ order([2; 4]) }>().sub_below::<34>(&gamma_s.add(&gamma_s));
        Double { products, t }
    }
}

#[cfg(test)]
#[expect(unsafe_code, reason = "the way into functions with target features")]
mod tests {
    use keyward_goldilocks::vector::{Avx512, SplitFp5x4};
    use keyward_goldilocks::{Fp, Fp5};
    use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

    use super::Fractions;
    use crate::point::AffinePoint;
    use crate::{Point, Scalar};

    fn element() -> impl Strategy<Value = Fp5> {
        let word = prop_oneof![any::<u64>(), prop::sample::select(&[0, 1, Fp::MODULUS - 1, Fp::MODULUS, u64::MAX][..])];
        prop::array::uniform5(word).prop_map(|words| Fp5::from_coefficients(words.map(Fp::from_u64_mod_order)))
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn assert_same(point: &Fractions, expected: &Point) {
        let Point { x, z, u, t } = point.store();
        assert_eq!([x, z, u, t], [expected.x, expected.z, expected.u, expected.t]);
    }

    /// The formulas are polynomials, so they may be compared for coordinates of no point.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check_formulas([x, z, u, t, x2, u2]: [Fp5; 6]) {
        let other = AffinePoint { x: x2, u: u2 };
        let mut sum = Fractions(SplitFp5x4::load(&[x, z, u, t]));
        let mut expected = Point { x, z, u, t };
        for _ in 0..3 {
            sum = sum.add_affine(&other);
            expected = expected.add_affine(&other);
            assert_same(&sum, &expected);
            sum = sum.double_times_vartime(1);
            expected = expected.double();
            assert_same(&sum, &expected);
        }
    }

    /// Runs of doublings are for points only: they have other factors here.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check_doublings(point: &Point, n: u32) {
        let Point { x, z, u, t } = *point;
        let expected = point.double_times(n);
        let double = Fractions(SplitFp5x4::load(&[x, z, u, t])).double_times_vartime(n);
        assert_eq!(double.store(), expected);
        let [affine] = Point::to_affine(&[*point]);
        assert_eq!(double.add_affine(&affine).double_times_vartime(n).store(), (expected + *point).double_times(n));
    }

    /// All limbs as large as the invariants have them, and larger.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check_largest() {
        let largest = [Fp5::from_coefficients([Fp::from_u64_mod_order(u64::MAX - (1 << 32)); 5]); 4];
        let word = SplitFp5x4::load(&largest);
        let double = |four: SplitFp5x4| four.add(&four);
        // Limbs of x and z below 2^34, of u below 2^34, of t below 2^37.
        let four = double(double(word));
        let coordinates = four.blend(0b1000, &double(double(double(four))));
        let [x, z, u, t] = coordinates.store();
        let point = Point { x, z, u, t };
        let other = AffinePoint { x: largest[0], u: largest[0] };
        assert_same(&Fractions(coordinates).add_affine(&other), &point.add_affine(&other));
        assert_same(&Fractions(coordinates).double_times_vartime(1), &point.double());
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
        fn the_formulas_are_those_of_the_portable_code(coordinates in prop::array::uniform6(element())) {
            if Avx512::detect().is_some() {
                // SAFETY: the processor has the target features.
                unsafe { check_formulas(coordinates) }
            }
        }

        #[test]
        fn runs_of_doublings_are_those_of_the_portable_code(
            factor in prop_oneof![0_u8..4, any::<u8>()],
            n in 0_u32..9,
            twice in any::<bool>(),
        ) {
            // 0 is the neutral's.
            let point = Point::mul_generator(&Scalar::from_bytes_mod_order(&[factor; 40]));
            let point = if twice { point.double() } else { point };
            if Avx512::detect().is_some() {
                // SAFETY: the processor has the target features.
                unsafe { check_doublings(&point, n) }
            }
        }
    }
}
