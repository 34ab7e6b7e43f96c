//! What the types show of themselves.

use keyward_ecgfp5::{Point, PointTable, Scalar};

#[test]
fn a_scalar_shows_nothing() {
    for scalar in [Scalar::ZERO, Scalar::ONE, -Scalar::ONE] {
        assert_eq!(format!("{scalar:?}"), "Scalar { .. }");
        assert_eq!(format!("{scalar:#?}"), "Scalar { .. }");
    }
}

/// The coordinates depend on how the point was made, and so on what made it; the encoding does not.
#[test]
fn a_point_shows_its_encoding_only() {
    let text = "Point(Fp5(4 + 0·z + 0·z² + 0·z³ + 0·z⁴))";
    for point in [Point::GENERATOR, Point::GENERATOR.double() - Point::GENERATOR, Point::mul_generator(&Scalar::ONE)] {
        assert_eq!(format!("{point:?}"), text);
    }
    let table = format!("{:?}", PointTable::new(&Point::GENERATOR));
    assert_eq!(table, format!("PointTable({text})"));
}
