import { useEffect, useState } from 'react';
import { comments } from './data.js';

export default function Comments() {
  const [all, setAll] = useState([]);
  useEffect(() => { const timer = setTimeout(() => comments().then(setAll), 200); return () => clearTimeout(timer); }, []);
  return <section>{all.map(text => <p key={text}>{text}</p>)}</section>;
}
