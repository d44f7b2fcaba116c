//! A value for each connection that is open.
//!
//! It is asked for with every segment, by several who remember something, so it must be found without a search: a
//! connection's number gives it a place near at hand. Only where two open connections share one does the value of the
//! other go to a map, and what moves then is a pointer.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How many places there are near at hand. Connections are numbered in a row, so that many are open before two share one.
const NEAR: usize = 64;

/// A value for each connection that is open.
#[derive(Debug)]
pub struct PerConnection<T> {
    near: Box<[Place<T>; NEAR]>,
    far: HashMap<u32, Box<T>, BuildHasherDefault<Spread>>,
}

/// A connection, and its value.
type Place<T> = Option<(u32, Box<T>)>;

impl<T> Default for PerConnection<T> {
    fn default() -> Self {
        Self { near: Box::new([const { None }; NEAR]), far: HashMap::default() }
    }
}

impl<T> PerConnection<T> {
    /// The value of a connection; a new one where it has none.
    #[inline]
    pub fn get_or_insert_with(&mut self, connection: u32, new: impl FnOnce() -> T) -> &mut T {
        let Self { near, far } = self;
        let place = place(near, connection);
        if place.as_ref().is_none_or(|(here, _)| *here != connection) {
            let before = std::mem::replace(place, far.remove(&connection).map(|value| (connection, value)));
            far.extend(before);
        }
        let (_, value) = place.get_or_insert_with(|| (connection, Box::new(new())));
        value
    }

    /// The value of a connection, where it has one.
    pub fn get_mut(&mut self, connection: u32) -> Option<&mut T> {
        match place(&mut self.near, connection) {
            Some((here, value)) if *here == connection => Some(value),
            _ => self.far.get_mut(&connection).map(|value| &mut **value),
        }
    }

    /// The connection is over: its value is given up.
    pub fn remove(&mut self, connection: u32) -> Option<Box<T>> {
        let here = place(&mut self.near, connection).take_if(|(here, _)| *here == connection);
        here.map(|(_, value)| value).or_else(|| self.far.remove(&connection))
    }

    /// Takes the values of others, of which it has none.
    pub fn extend(&mut self, mut others: Self) {
        for (connection, value) in others.take_all() {
            let place = place(&mut self.near, connection);
            let before = place.replace((connection, value));
            self.far.extend(before);
        }
    }

    /// Gives up all values, in the order of the connections' numbers.
    pub fn take_all(&mut self) -> Vec<(u32, Box<T>)> {
        let near = self.near.iter_mut().filter_map(Option::take);
        let mut all: Vec<_> = near.chain(self.far.drain()).collect();
        all.sort_unstable_by_key(|(connection, _)| *connection);
        all
    }
}

#[inline]
#[expect(clippy::indexing_slicing, reason = "a remainder is less than what it is the remainder of")]
const fn place<T>(near: &mut [Place<T>; NEAR], connection: u32) -> &mut Place<T> {
    &mut near[connection as usize % NEAR]
}

/// Spreads numbers that we gave ourselves, one after the other: nobody can choose them so that they collide.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u32(u32::from(byte)));
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// A product is mixed best in its upper bits, and the map looks at the lower ones too.
    #[inline]
    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_connection_has_its_own() {
        let mut values = PerConnection::default();
        for connection in [1, 2, 1, 65, 2, 1, 1] {
            *values.get_or_insert_with(connection, || 0) += 1;
        }
        assert_eq!(values.get_mut(2), Some(&mut 2));
        assert_eq!(values.get_mut(1), Some(&mut 4));
        assert_eq!(values.get_mut(9), None);
        assert_eq!(values.remove(2).as_deref(), Some(&2));
        assert_eq!(values.remove(2), None);
        assert_eq!(*values.get_or_insert_with(2, || 7), 7);
        assert_eq!(values.remove(2).as_deref(), Some(&7), "the latest too");
        assert_eq!(values.take_all(), [(1, Box::new(4)), (65, Box::new(1))]);
        assert!(values.take_all().is_empty());
    }

    #[test]
    fn those_of_others_are_added() {
        let [mut even, mut odd] = [0, 1].map(|first| {
            let mut values = PerConnection::default();
            (first..1000)
                .step_by(2)
                .for_each(|connection| *values.get_or_insert_with(connection, || 0) = connection);
            values
        });
        odd.extend(std::mem::take(&mut even));
        assert_eq!(odd.get_mut(64), Some(&mut 64));
        assert_eq!(odd.get_mut(999), Some(&mut 999));
        assert!(
            odd.take_all()
                .into_iter()
                .map(|(connection, value)| (connection, *value))
                .eq((0..1000).map(|i| (i, i)))
        );
    }

    #[test]
    fn many_are_given_up_in_order() {
        let mut values = PerConnection::default();
        for connection in (0..1000).rev() {
            values.get_or_insert_with(connection, || connection);
        }
        let all = values.take_all();
        assert!(all.iter().map(|(_, value)| **value).eq(0..1000));
    }
}
