//! A test that passes, but for what it leaves.

#[inline(never)]
fn forget() {
    std::mem::forget(vec![1u8; 100_000]);
}

#[test]
fn leaks() {
    forget();
    forget();
}
