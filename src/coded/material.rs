//! [`Material`]: which of the seven layouts of field 008 a record has.

/// What a record describes, which decides the meaning of 008/18-34.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Material {
    /// Books: language material that is complete in itself.
    Book,
    /// Continuing resources: serials and integrating resources.
    Serial,
    /// Computer files.
    Computer,
    /// Maps.
    Map,
    /// Music, scores and recordings; other sound recordings, too.
    Music,
    /// Visual materials.
    Visual,
    /// Mixed materials.
    Mixed,
}

impl Material {
    pub(super) const ALL: [Material; 7] = [
        Material::Book,
        Material::Serial,
        Material::Computer,
        Material::Map,
        Material::Music,
        Material::Visual,
        Material::Mixed,
    ];

    /// The material of a record, by positions 06 and 07 of its leader; `None` if they are not known to say one.
    pub fn of_leader(leader: &str) -> Option<Material> {
        let &[record_type, level] = leader.as_bytes().get(6..8)? else { return None };
        match (record_type, level) {
            (b'a', b'b' | b'i' | b's') => Some(Material::Serial),
            (b'a', b'a' | b'c' | b'd' | b'm') => Some(Material::Book),
            (b'a' | b's', _) => None,
            (b'b', _) => Some(Material::Mixed),
            (form, _) => Self::of_form(form),
        }
    }

    /// The material that a field 006 is about, by its first character.
    pub fn of_006(field: &str) -> Option<Material> {
        Self::of_form(*field.as_bytes().first()?)
    }

    fn of_form(form: u8) -> Option<Material> {
        match form {
            b'a' | b't' => Some(Material::Book),
            b's' => Some(Material::Serial),
            b'm' => Some(Material::Computer),
            b'e' | b'f' => Some(Material::Map),
            b'c' | b'd' | b'i' | b'j' => Some(Material::Music),
            b'g' | b'k' | b'o' | b'r' => Some(Material::Visual),
            b'p' => Some(Material::Mixed),
            _ => None,
        }
    }

    /// Its name in `places.tsv`, with which the columns of the preset begin.
    pub(super) fn name(self) -> &'static str {
        match self {
            Material::Book => "book",
            Material::Serial => "serial",
            Material::Computer => "computer",
            Material::Map => "map",
            Material::Music => "music",
            Material::Visual => "visual",
            Material::Mixed => "mixed",
        }
    }

    /// Conditions for a path that hold in the records of this material.
    pub(super) fn conditions(self) -> &'static str {
        match self {
            Material::Book => "{LDR/06=a|LDR/06=t}{LDR/06=t|LDR/07=a|LDR/07=c|LDR/07=d|LDR/07=m}",
            Material::Serial => "{LDR/06=a}{LDR/07=b|LDR/07=i|LDR/07=s}",
            Material::Computer => "{LDR/06=m}",
            Material::Map => "{LDR/06=e|LDR/06=f}",
            Material::Music => "{LDR/06=c|LDR/06=d|LDR/06=i|LDR/06=j}",
            Material::Visual => "{LDR/06=g|LDR/06=k|LDR/06=o|LDR/06=r}",
            Material::Mixed => "{LDR/06=b|LDR/06=p}",
        }
    }
}

/// Whether a record is bibliographic: by position 06 of its leader, it is not for an authority, holdings, a
/// classification or a community.
pub(super) fn is_bibliographic(leader: &str) -> bool {
    !matches!(leader.as_bytes().get(6), Some(b'q' | b'u'..=b'z'))
}
