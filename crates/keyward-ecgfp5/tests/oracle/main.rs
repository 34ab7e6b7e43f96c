//! Scalars and points against an oracle written from the definitions, with `num-bigint` for the integers modulo n.
//!
//! The oracle knows integers modulo n, polynomials modulo z^5 - 3, and the chord-and-tangent law on the curve's points
//! (x, y), in both of its affine forms. It shares no formula with the crate.
//!
//! Every property runs as often as `PROPTEST_CASES` says (256 times without it).

mod algebra;
mod curve;
mod encodings;
mod field;
mod multiples;
mod points;
mod scalars;
mod strategies;
