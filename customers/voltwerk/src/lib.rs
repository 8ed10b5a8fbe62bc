//! plugpoint-customer-voltwerk
