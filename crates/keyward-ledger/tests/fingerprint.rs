//! Fingerprints are kept in stores: they stay what they are.

use keyward_ledger::{AccountId, Description, Msat, Operation, OperationId};
use keyward_time::UnixMillis;

/// Made with Python's `hashlib`, after the description of the format.
#[test]
fn fingerprints_are_the_published_ones() {
    let account = AccountId::from_bytes([0x11; 16]);
    let parent = AccountId::from_bytes([0x22; 16]);
    let [reservation, refund] = [OperationId::from_bytes([0x22; 16]); 2];
    let amount = Msat::new(1000).expect("an amount");
    let description = Description::new("é").expect("a description");
    let limit = Some(amount);
    let cases = [
        (Operation::OpenRoot { account }, "c6a95afd4f1ba6834975bfede9cefd29"),
        (Operation::OpenChild { account, parent, limit }, "70576719433b991d931929d9752e5ad9"),
        (Operation::OpenChild { account, parent, limit: None }, "7757d2a1d4cb5d1833df66b20d938d89"),
        (Operation::SetLimit { account, limit }, "dcd6a700c15fed08eadd21d6bbf1e4a4"),
        (Operation::SetLimit { account, limit: None }, "bb5513ef1668158d7522d1c2e093f070"),
        (Operation::Credit { account, amount, description: description.clone() }, "aca96354feedd6d85a1ffa5c76952a7c"),
        (Operation::Reserve { account, amount, deadline: UnixMillis::EPOCH }, "43dcf26c16a1120882b28067f5464f9e"),
        (
            Operation::Settle { account, reservation, amount, description: description.clone() },
            "3817ed78cef3f5590f4ab5f218beae54",
        ),
        (Operation::Release { account, reservation }, "b93801628c16dc90029a4a46fb06a010"),
        (Operation::Sweep { account, reservation }, "1a21f3e05482e97a3a8e3dfd66bad433"),
        (Operation::Charge { account, amount, description: description.clone() }, "bce633eddf65c06587436c23cbae78ed"),
        (
            Operation::BeginRefund { account, amount, description: description.clone() },
            "86ba157ff07d40c920e94101ca191aaf",
        ),
        (Operation::CompleteRefund { account, refund }, "aaf631d6d11df752af2c2c6bd5d3d486"),
        (Operation::CancelRefund { account, refund, description }, "5fbd182ba71eaa88627379b40604a48b"),
    ];
    for (operation, fingerprint) in cases {
        assert_eq!(operation.fingerprint().to_string(), fingerprint, "{operation:?}");
    }
}

#[test]
fn only_the_deadline_makes_no_difference() {
    let account = AccountId::from_bytes([0x11; 16]);
    let reserve = |amount, deadline| {
        let (amount, deadline) =
            (Msat::new(amount).expect("an amount"), UnixMillis::new(deadline).expect("an instant"));
        Operation::Reserve { account, amount, deadline }.fingerprint()
    };
    assert_eq!(reserve(1, 1), reserve(1, 2));
    assert_ne!(reserve(1, 1), reserve(2, 1));
}
