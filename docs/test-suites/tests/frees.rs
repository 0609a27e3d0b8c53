//! A test that frees what it allocates.

#[test]
fn frees() {
    assert_eq!(vec![1; 1000].len(), 1000);
}
