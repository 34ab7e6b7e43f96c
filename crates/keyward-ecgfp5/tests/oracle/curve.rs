//! The oracle's points: affine, by the chord-and-tangent law.

use std::sync::LazyLock;

use num_bigint::BigUint;

use crate::field::Poly;

/// A point of an affine curve; `None` is the point at infinity.
type Affine = Option<(Poly, Poly)>;

/// The curve y^2 = x^3 + a2 x^2 + a4 x + a6.
struct Curve {
    a2: Poly,
    a4: Poly,
    a6: Poly,
}

impl Curve {
    fn holds(&self, point: &Affine) -> bool {
        let Some((x, y)) = point else { return true };
        y.square() == x.add(&self.a2).mul(x).add(&self.a4).mul(x).add(&self.a6)
    }

    fn add(&self, left: &Affine, right: &Affine) -> Affine {
        let (Some((x1, y1)), Some((x2, y2))) = (left, right) else {
            return left.or(*right);
        };
        let (rise, run) = if x1 != x2 {
            (y2.sub(y1), x2.sub(x1))
        } else if y1 == y2 && *y1 != Poly::ZERO {
            let rise = x1.square().times(3).add(&self.a2.mul(x1).times(2)).add(&self.a4);
            (rise, y1.times(2))
        } else {
            return None;
        };
        let slope = rise.mul(&run.inverse());
        let x3 = slope.square().sub(&self.a2).sub(x1).sub(x2);
        let y3 = slope.mul(&x1.sub(&x3)).sub(y1);
        Some((x3, y3))
    }

    fn mul(&self, point: &Affine, scalar: &BigUint) -> Affine {
        (0..scalar.bits()).rev().fold(None, |sum, bit| {
            let twice = self.add(&sum, &sum);
            if scalar.bit(bit) { self.add(&twice, point) } else { twice }
        })
    }
}

/// b = 263z.
pub(crate) fn b() -> Poly {
    Poly::from_words([0, 263, 0, 0, 0])
}

/// y^2 = x(x^2 + 2x + b), on which the group is defined.
static DOUBLE_ODD: LazyLock<Curve> = LazyLock::new(|| Curve { a2: Poly::constant(2), a4: b(), a6: Poly::ZERO });

/// Y^2 = X^3 + (b - 4/3) X + (16 - 18b)/27, where x = X - 2/3 on the curve above.
static WEIERSTRASS: LazyLock<Curve> = LazyLock::new(|| {
    let third = Poly::constant(3).inverse();
    let a4 = b().sub(&third.times(4));
    let a6 = Poly::constant(16).sub(&b().times(18)).mul(&third).mul(&third).mul(&third);
    Curve { a2: Poly::ZERO, a4, a6 }
});

/// 2/3.
pub(crate) fn shift() -> Poly {
    Poly::constant(3).inverse().times(2)
}

/// The coefficients A and B of the short Weierstrass form.
pub(crate) fn weierstrass_coefficients() -> (Poly, Poly) {
    (WEIERSTRASS.a4, WEIERSTRASS.a6)
}

/// An element of the group: a point (x, y) of the double-odd curve that is no multiple of a point of odd order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) x: Poly,
    pub(crate) y: Poly,
}

impl Element {
    /// (0, 0), the point of order two.
    pub(crate) const NEUTRAL: Element = Element { x: Poly::ZERO, y: Poly::ZERO };

    /// The generator, from its published coordinates.
    pub(crate) fn generator() -> Element {
        Element {
            x: Poly::from_words([
                12_883_135_586_176_881_569,
                4_356_519_642_755_055_268,
                5_248_930_565_894_896_907,
                2_165_973_894_480_315_022,
                2_448_410_071_095_648_785,
            ]),
            y: Poly::from_words([
                14_639_054_205_878_357_634,
                17_426_078_571_020_221_072,
                2_548_978_194_165_003_307,
                8_663_895_577_921_260_088,
                9_793_640_284_382_595_140,
            ]),
        }
    }

    fn affine(&self) -> Affine {
        Some((self.x, self.y))
    }

    /// On the curve, with an x that is no square: outside of the subgroup of odd order.
    pub(crate) fn is_valid(&self) -> bool {
        DOUBLE_ODD.holds(&self.affine()) && (*self == Element::NEUTRAL || !self.x.is_square())
    }

    /// The group's law: the sum on the curve, plus (0, 0).
    pub(crate) fn add(&self, other: &Element) -> Element {
        let sum = DOUBLE_ODD.add(&self.affine(), &other.affine());
        let (x, y) = DOUBLE_ODD.add(&sum, &Element::NEUTRAL.affine()).expect("the group is closed");
        Element { x, y }
    }

    pub(crate) fn double(&self) -> Element {
        self.add(self)
    }

    pub(crate) fn neg(&self) -> Element {
        Element { x: self.x, y: self.y.neg() }
    }

    /// The multiple, by way of the short Weierstrass form.
    pub(crate) fn mul(&self, scalar: &BigUint) -> Element {
        Element::from_weierstrass(&WEIERSTRASS.mul(&self.to_weierstrass(), scalar))
    }

    /// w = y/x, and 0 for the neutral element.
    pub(crate) fn encode(&self) -> Poly {
        if *self == Element::NEUTRAL { Poly::ZERO } else { self.y.mul(&self.x.inverse()) }
    }

    /// X = b/x + 2/3, Y = -by/x^2: the point's sum with (0, 0), which is of odd order; infinity for the neutral element.
    pub(crate) fn to_weierstrass(self) -> Affine {
        if self == Element::NEUTRAL {
            return None;
        }
        let inverse = self.x.inverse();
        let scaled = b().mul(&inverse);
        Some((scaled.add(&shift()), scaled.mul(&inverse).mul(&self.y).neg()))
    }

    fn from_weierstrass(point: &Affine) -> Element {
        let Some((x, y)) = point else { return Element::NEUTRAL };
        let x1 = x.sub(&shift());
        let (x, y) = DOUBLE_ODD.add(&Some((x1, *y)), &Element::NEUTRAL.affine()).expect("not of order two");
        Element { x, y }
    }
}

/// Whether some element has this encoding: x^2 - (w^2 - 2) x + b = 0 has a root.
pub(crate) fn is_encoding(w: &Poly) -> bool {
    let e = w.square().sub(&Poly::constant(2));
    *w == Poly::ZERO || e.square().sub(&b().times(4)).is_square()
}
