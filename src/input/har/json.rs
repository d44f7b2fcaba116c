//! JSON that is read while it comes: members of objects and elements of lists, one at a time, and nothing kept.

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// What takes the members of an object.
pub(super) trait Members {
    /// Takes the value of a member: from `map`, or it is an error.
    fn member<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error>;
}

/// What takes the elements of a list.
pub(super) trait Elements {
    /// Takes the next element; false where there is none.
    fn element<'de, S: SeqAccess<'de>>(&mut self, seq: &mut S) -> Result<bool, S::Error>;
}

/// Reads an object into what takes its members; passes over anything else.
pub(super) struct Object<'o, T>(pub &'o mut T);

/// Reads a list into what takes its elements; passes over anything else.
pub(super) struct List<'o, T>(pub &'o mut T);

/// Reads a text, a number or a flag; anything else is null.
pub(super) struct Scalar;

/// The members of an object that are wanted, where they are scalars.
pub(super) struct Picked {
    pub keys: &'static [&'static str],
    pub found: Map<String, Value>,
}

impl Picked {
    pub(super) fn new(keys: &'static [&'static str]) -> Self {
        Self { keys, found: Map::new() }
    }
}

impl Members for Picked {
    fn member<'de, M: MapAccess<'de>>(&mut self, key: &str, map: &mut M) -> Result<(), M::Error> {
        if self.keys.contains(&key) {
            let value = map.next_value_seed(Scalar)?;
            self.found.insert(key.to_owned(), value);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// The kinds of value that a visitor passes over.
macro_rules! pass_over {
    ($($visit:ident $kind:ty;)*) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(())
        })*
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(())
        }
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }
    };
}

impl<'de, T: Members> DeserializeSeed<'de> for Object<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Members> Visitor<'de> for Object<'_, T> {
    type Value = ();

    pass_over! { visit_bool bool; visit_i64 i64; visit_u64 u64; visit_f64 f64; visit_str &str; }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.0.member(&key, &mut map)?;
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

impl<'de, T: Elements> DeserializeSeed<'de> for List<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Elements> Visitor<'de> for List<'_, T> {
    type Value = ();

    pass_over! { visit_bool bool; visit_i64 i64; visit_u64 u64; visit_f64 f64; visit_str &str; }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<(), S::Error> {
        while self.0.element(&mut seq)? {}
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Value, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Null)
    }
}
