//! GF(p) and GF(p^5) against an oracle written from the definitions on `num-bigint`, and the laws that any field obeys.
//!
//! Every property runs as often as `PROPTEST_CASES` says (256 times without it).

mod bigint;
mod fp;
mod fp5;
mod laws;
mod strategies;
