//! Exact decimal numbers: what "counts by value" is decided on.

use std::fmt;

/// Most digits after the point; longer fractions are not compared by value.
const MAX_SCALE: u32 = 18;

/// An exact number, `mantissa / 10^scale` with no trailing zeros, so that equal values are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self {
            mantissa: value as i128,
            scale: 0,
        }
    }

    /// `mantissa / 10^scale`; `None` with more than 18 digits after the point.
    pub fn new(mut mantissa: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        (scale <= MAX_SCALE).then_some(Self { mantissa, scale })
    }

    /// Reads `-12.50`, `.5`, `1e3`: the grammar of a JSON number and a little more, ASCII only.
    /// `None` where it is not one, or is too large to be held exactly.
    pub fn parse(text: &str) -> Option<Self> {
        let (body, exponent) = match text.split_once(['e', 'E']) {
            Some((body, exponent)) => (body, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, body) = match body.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, body),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut mantissa: i128 = 0;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa
                .checked_mul(10)?
                .checked_add(i128::from(byte - b'0'))?;
        }
        if negative {
            mantissa = -mantissa;
        }
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        if mantissa == 0 {
            return Some(Self::whole(0));
        }
        match u32::try_from(scale) {
            Ok(scale) => Self::new(mantissa, scale),
            Err(_) => Self::new(mantissa, 0)?.shift(scale.checked_neg()?),
        }
    }

    /// Times `10^places`; `places` may be negative. `None` on overflow.
    pub fn shift(self, places: i32) -> Option<Self> {
        if places < 0 {
            return Self::new(
                self.mantissa,
                self.scale.checked_add(places.unsigned_abs())?,
            );
        }
        let factor = 10i128.checked_pow(u32::try_from(places).ok()?)?;
        Self::new(self.mantissa.checked_mul(factor)?, self.scale)
    }

    /// Times a whole number. `None` on overflow.
    pub fn times(self, factor: i64) -> Option<Self> {
        Self::new(self.mantissa.checked_mul(i128::from(factor))?, self.scale)
    }

    /// The sum. `None` on overflow.
    pub fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let lift = |d: Self| d.mantissa.checked_mul(10i128.checked_pow(scale - d.scale)?);
        Self::new(lift(self)?.checked_add(lift(other)?)?, scale)
    }

    /// The number with its sign turned.
    pub fn negated(self) -> Self {
        Self {
            mantissa: -self.mantissa,
            scale: self.scale,
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    /// The value, where it is a whole number that fits.
    pub fn as_whole(self) -> Option<i64> {
        (self.scale == 0)
            .then(|| i64::try_from(self.mantissa).ok())
            .flatten()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs();
        let unit = 10u128.pow(self.scale);
        let width = self.scale as usize;
        write!(f, "{sign}{}.{:0width$}", digits / unit, digits % unit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_value_one_form() {
        for (a, b) in [
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("0.0", "-0"),
            ("12", "1.2E1"),
            (".5", "0.50"),
            ("5e-2", "0.05"),
        ] {
            assert_eq!(
                Decimal::parse(a).unwrap(),
                Decimal::parse(b).unwrap(),
                "{a} {b}"
            );
        }
        for text in [
            "",
            ".",
            "-",
            "1.2.3",
            "x",
            "1e400",
            "1e-99",
            "+5",
            "1e",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn eleven_tenths_of_a_thousand_is_exact() {
        let value = Decimal::parse("1.1").unwrap().times(1000).unwrap();
        assert_eq!(value, Decimal::whole(1100));
        assert_eq!(
            Decimal::parse("2")
                .unwrap()
                .plus(Decimal::parse("0.5").unwrap())
                .unwrap()
                .to_string(),
            "2.5"
        );
    }

    proptest! {
        #[test]
        fn text_and_back(mantissa in -1_000_000_000i128..1_000_000_000, scale in 0u32..12) {
            let value = Decimal::new(mantissa, scale).unwrap();
            prop_assert_eq!(Decimal::parse(&value.to_string()).unwrap(), value);
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = Decimal::parse(&text);
        }
    }
}
