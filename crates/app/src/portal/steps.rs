//! Choosing a place step by step: province, city, county. Pure.

use qihang_standards::division::{self, Division};

/// One of a select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) is_chosen: bool,
}

/// What stands in the three selects, as far as it fits together: a city of another province than the one chosen is left
/// over from before that was changed, and does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    province: Option<&'static Division>,
    city: Option<&'static Division>,
    county: Option<&'static Division>,
}

impl Steps {
    /// The steps that the codes of a form say. `None` when one of them is no place of today.
    pub(super) fn read(province: &str, city: &str, county: &str) -> Option<Self> {
        let place = |code: &str| match code {
            "" => Some(None),
            code => division::current(code).map(Some),
        };
        let (province, city, county) = (place(province)?, place(city)?, place(county)?);
        let below = |place: Option<&'static Division>, above: Option<&'static Division>| {
            place.filter(|place| above.is_some() && division::parent(place.code) == above)
        };
        // Only a province stands on the first step.
        let province = province.filter(|place| division::parent(place.code).is_none());
        let city = below(city, province);
        Some(Self {
            province,
            city,
            county: below(county, city),
        })
    }

    /// The steps that lead to a place of today; none where it is not one.
    pub(super) fn to(code: &str) -> Self {
        let mut path = Vec::new();
        let mut place = division::current(code);
        while let Some(one) = place {
            path.push(one);
            place = division::parent(one.code);
        }
        let mut outermost_first = path.into_iter().rev();
        Self {
            province: outermost_first.next(),
            city: outermost_first.next(),
            county: outermost_first.next(),
        }
    }

    /// Where the steps lead so far.
    pub(super) fn place(&self) -> Option<&'static Division> {
        self.county.or(self.city).or(self.province)
    }

    /// What the first select offers.
    pub(super) fn provinces(&self) -> Vec<Choice> {
        choices(division::provinces(), self.province)
    }

    /// What the second select offers: nothing in 香港, 澳门, 台湾 and before there is a province.
    pub(super) fn cities(&self) -> Vec<Choice> {
        choices(below(self.province), self.city)
    }

    /// What the third select offers: nothing in a 直辖市 and in a county that stands for its city.
    pub(super) fn counties(&self) -> Vec<Choice> {
        choices(below(self.city), self.county)
    }
}

fn below(place: Option<&'static Division>) -> Vec<&'static Division> {
    place.map_or_else(Vec::new, |place| division::children(place.code))
}

fn choices(places: Vec<&'static Division>, chosen: Option<&'static Division>) -> Vec<Choice> {
    let choice = |place: &'static Division| Choice {
        code: place.code,
        name: place.name,
        is_chosen: chosen == Some(place),
    };
    places.into_iter().map(choice).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_place_is_reached_by_its_steps() {
        for row in division::rows().iter().filter(|row| row.is_current()) {
            assert_eq!(Steps::to(row.code).place(), Some(row), "{}", row.code);
        }
        assert_eq!(Steps::to("110103"), Steps::default());
        assert_eq!(Steps::to("陕西"), Steps::default());
    }

    #[test]
    fn what_is_left_over_from_another_province_does_not_count() {
        let steps = Steps::read("610000", "320100", "320102").unwrap();
        assert_eq!(steps.place().map(|place| place.code), Some("610000"));
        let steps = Steps::read("610000", "610100", "320102").unwrap();
        assert_eq!(steps.place().map(|place| place.code), Some("610100"));
        assert_eq!(Steps::read("610100", "", ""), Some(Steps::default()));
        assert_eq!(Steps::read("", "610100", ""), Some(Steps::default()));
    }

    #[test]
    fn what_is_no_place_of_today_is_refused() {
        assert_eq!(Steps::read("999999", "", ""), None);
        assert_eq!(Steps::read("110000", "110103", ""), None);
    }

    #[test]
    fn there_are_as_many_steps_as_the_place_has() {
        let steps = |code| Steps::to(code);
        assert_eq!(
            (steps("110101").cities().len(), steps("110101").counties().len()),
            (16, 0)
        );
        assert!(steps("810000").cities().is_empty());
        assert!(steps("429004").counties().is_empty());
        assert!(steps("610100").counties().len() > 10);
        assert_eq!(Steps::default().provinces().len(), 34);
    }

    proptest! {
        #[test]
        fn whatever_a_form_says_leads_to_a_place_or_nowhere(province in "[0-9]{0,6}", city in "\\PC{0,6}", county in "\\PC{0,6}") {
            if let Some(steps) = Steps::read(&province, &city, &county) {
                prop_assert!(steps.place().is_none_or(Division::is_current));
            }
        }
    }
}
