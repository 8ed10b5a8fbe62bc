//! plugpoint-customer-lindenverlag
