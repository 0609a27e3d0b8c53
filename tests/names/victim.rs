//! Generic, inlined and boxed code, for names in both manglings.
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

mod shapes {
    pub trait Shape {
        fn area(&self) -> f64;
    }
    pub struct Square(pub f64);
    pub struct Circle {
        pub r: f64,
    }
    impl Shape for Square {
        fn area(&self) -> f64 {
            self.0 * self.0
        }
    }
    impl Shape for Circle {
        fn area(&self) -> f64 {
            self.r * self.r * 3.14
        }
    }
}

#[inline(never)]
fn join<T: Display>(items: &[T]) -> String {
    items
        .iter()
        .map(|i| i.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

#[inline(never)]
fn count(words: &str) -> BTreeMap<String, usize> {
    let mut map = HashMap::new();
    for w in words.split_whitespace() {
        *map.entry(w.to_string()).or_insert(0usize) += 1;
    }
    map.into_iter().collect()
}

fn main() {
    let boxes: Vec<Box<dyn shapes::Shape>> = vec![
        Box::new(shapes::Square(2.0)),
        Box::new(shapes::Circle { r: 1.0 }),
    ];
    let total: f64 = boxes.iter().map(|b| b.area()).sum();
    println!("{} {}", total, join(&[1, 2, 3]));
    println!("{} {:?}", join(&["a", "b"]), count("a b a"));
}
