//! What is left of a point, and what its coordinates tell.

use keyward_ecgfp5::{Point, Scalar};
use keyward_goldilocks::Fp5;
use zeroize::Zeroize;

#[test]
fn a_wiped_point_is_the_neutral() {
    let mut point = Point::GENERATOR.double();
    point.zeroize();
    assert_eq!(point, Point::NEUTRAL);
    assert_eq!(point.encode(), Fp5::ZERO);
    assert_ne!(point, Point::GENERATOR);
    assert_eq!(point + Point::GENERATOR, Point::GENERATOR);
}

#[test]
fn a_normalized_point_is_the_same_element() {
    for point in [Point::NEUTRAL, Point::GENERATOR, Point::mul_generator(&-Scalar::ONE), Point::GENERATOR.double()] {
        assert_eq!(point.normalize(), point);
        assert_eq!(point.normalize().encode(), point.encode());
        assert_eq!(point.normalize() + Point::GENERATOR, point + Point::GENERATOR);
    }
}
